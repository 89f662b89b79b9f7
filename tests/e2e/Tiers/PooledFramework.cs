using System.Reflection;
using Traktor.E2ETests.Mesh;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("Traktor.E2ETests.Tiers.PooledFramework", "Traktor.E2ETests")]

namespace Traktor.E2ETests.Tiers;

/// <summary>
/// xunit's own, which runs the cases of the tier that is asked for, says by which day's majors, and stops the meshes of
/// the pool after the last case.
/// </summary>
public sealed class PooledFramework(IMessageSink sink) : XunitTestFramework(sink)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider source, IMessageSink sink)
        : XunitTestFrameworkExecutor(assembly, source, sink)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases,
            IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions
        )
        {
            using var runner = new Runner(
                TestAssembly,
                testCases.Where(Tier.Includes),
                DiagnosticMessageSink,
                executionMessageSink,
                executionOptions
            );
            await runner.RunAsync();
        }
    }

    private sealed class Runner(
        ITestAssembly assembly,
        IEnumerable<IXunitTestCase> cases,
        IMessageSink diagnostics,
        IMessageSink execution,
        ITestFrameworkExecutionOptions options
    ) : XunitTestAssemblyRunner(assembly, cases, diagnostics, execution, options)
    {
        protected override async Task AfterTestAssemblyStartingAsync()
        {
            await base.AfterTestAssemblyStartingAsync();
            Console.WriteLine(Tier.Announcement);
        }

        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            await MeshPool.CloseAsync();
            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}
