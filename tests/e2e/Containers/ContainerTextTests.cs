using Traktor.Sandbox;

namespace Traktor.E2ETests.Containers;

public sealed class ContainerTextTests
{
    [Fact]
    public void ContainerArguments_Settings_BecomeOptionsOfTheServer()
    {
        var arguments = ContainerServer.Arguments(16, new Dictionary<string, string> { ["fsync"] = "on" });

        Assert.Equal("-c", arguments[0]);
        Assert.Contains("fsync=on", arguments);
        Assert.Equal(arguments.Length / 2, arguments.Count(a => a == "-c"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("local", false)]
    [InlineData("containers", true)]
    public void IsAskedFor_KnownValues_AreUnderstood(string? value, bool asked) => Assert.Equal(asked, DockerEngine.IsAskedFor(value));

    [Fact]
    public void IsAskedFor_AnotherValue_NamesTheVariable() =>
        Assert.Contains(
            DockerEngine.Variable,
            Assert.Throws<SandboxException>(() => DockerEngine.IsAskedFor("yes")).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(null, "postgres:17")]
    [InlineData("mirror/pg:{major}-slim", "mirror/pg:17-slim")]
    [InlineData("mirror/pg:latest", "mirror/pg:latest")]
    public void Image_OwnOrNot_NamesTheMajor(string? own, string image) => Assert.Equal(image, DockerEngine.Image(17, own));
}
