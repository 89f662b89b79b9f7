using Traktor.Web.Commands;
using Traktor.Web.Demo;

namespace Traktor.UnitTests.Web.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--config other.ini")]
    [InlineData("demo")]
    [InlineData("demo --postgres 16,17,18 --nodes 3 --traffic")]
    [InlineData("grants --config other.ini --schema a --schema b")]
    [InlineData("grants --revoke")]
    public void Root_KnownArguments_HaveNoErrors(string arguments) => Assert.Empty(CommandLine.Root().Parse(arguments).Errors);

    [Theory]
    [InlineData("--conf x")]
    [InlineData("demo --nodes three")]
    [InlineData("start")]
    public void Root_WrongArguments_HaveErrors(string arguments) => Assert.NotEmpty(CommandLine.Root().Parse(arguments).Errors);

    [Fact]
    public async Task Run_WrongArguments_Returns2() => Assert.Equal(2, await CommandLine.RunAsync(["demo", "--nodes", "three"]));

    [Fact]
    public async Task Run_MissingFile_Returns2() => Assert.Equal(2, await CommandLine.RunAsync(["--config", "no-such-file.ini"]));

    [Theory]
    [InlineData("18", null, new[] { 18, 18, 18 })]
    [InlineData("16,17,18", null, new[] { 16, 17, 18 })]
    [InlineData("16, 17", 4, new[] { 16, 17, 17, 17 })]
    [InlineData("15", 1, new[] { 15 })]
    public void From_Options_NamesAMajorForEachNode(string postgres, int? nodes, int[] expected) =>
        Assert.Equal(expected, DemoPlan.From(postgres, nodes, false).Plan?.Majors);

    [Theory]
    [InlineData("14", 3, "'14'")]
    [InlineData("18,", 3, "''")]
    [InlineData("18", 0, "--nodes")]
    [InlineData("18", 10, "--nodes")]
    [InlineData("16,17,18", 2, "--nodes")]
    public void From_WrongOptions_SaysWhich(string postgres, int? nodes, string expected)
    {
        var (plan, errors) = DemoPlan.From(postgres, nodes, false);

        Assert.Null(plan);
        Assert.Contains(errors, error => error.Contains(expected, StringComparison.Ordinal));
    }
}
