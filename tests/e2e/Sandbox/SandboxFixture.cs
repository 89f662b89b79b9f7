using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

/// <summary>One sandbox for the tests of a class.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private PostgresSandbox? sandbox;

    public PostgresSandbox Sandbox => sandbox ?? throw new InvalidOperationException("The sandbox is not open yet.");

    public async Task InitializeAsync() => sandbox = await TestSandbox.CreateAsync();

    public async Task DisposeAsync() => await Sandbox.DisposeAsync();
}
