using Traktor.Sandbox.Machine;

namespace Traktor.UnitTests.Sandbox;

public sealed class PortsTests
{
    [Theory]
    [InlineData(32_768, 60_999, 10_000, 32_767)]
    [InlineData(49_152, 65_535, 10_000, 49_151)]
    [InlineData(1_024, 40_000, 40_001, 65_535)]
    [InlineData(16_000, 65_535, 10_000, 15_999)]
    [InlineData(1_024, 65_535, 10_000, 65_535)]
    [InlineData(10_500, 65_000, 10_000, 65_535)]
    public void Outside_AnyRangeOfOutgoingConnections_IsTheLargerRestOrElseAll(int first, int last, int from, int to) =>
        Assert.Equal((from, to), Ports.Outside((first, last)));

    [Fact]
    public void Free_AskedOften_NeverGivesTheSameTwice()
    {
        var ports = Enumerable.Range(0, 500).Select(_ => Ports.Free()).ToList();

        Assert.Equal(ports.Count, ports.Distinct().Count());
    }
}
