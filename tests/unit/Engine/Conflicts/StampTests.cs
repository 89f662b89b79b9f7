using Traktor.Engine.Conflicts;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class StampTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void CompareTo_LaterOnSmallerNode_IsGreater() => Assert.True(new Stamp(Noon.AddMicroseconds(1), 0) > new Stamp(Noon, 9));

    [Fact]
    public void CompareTo_SameTime_GreaterNodeIsGreater() => Assert.True(new Stamp(Noon, 1) > new Stamp(Noon, 0));

    [Fact]
    public void CompareTo_SameTimeAndNode_IsEqual() =>
        Assert.Equal(0, new Stamp(Noon, 1).CompareTo(new Stamp(Noon.ToOffset(TimeSpan.FromHours(2)), 1)));

    [Fact]
    public void Committed_PartsOfAMicrosecond_AreCutOff() =>
        Assert.Equal(new Stamp(Noon.AddMicroseconds(7), 1), new Stamp(Noon.AddMicroseconds(7).AddTicks(9), 1));

    [Fact]
    public void CompareTo_ManyStamps_IsATotalOrder()
    {
        var random = new Random(1);
        Stamp[] stamps = [.. Enumerable.Range(0, 60).Select(_ => new Stamp(Noon.AddMicroseconds(random.Next(4)), random.Next(4)))];
        foreach (var a in stamps)
        foreach (var b in stamps)
        {
            Assert.Equal(Math.Sign(a.CompareTo(b)), -Math.Sign(b.CompareTo(a)));
            Assert.Equal(a == b, a.CompareTo(b) == 0);
            foreach (var c in stamps)
                Assert.False(a < b && b < c && !(a < c));
        }
    }

    [Fact]
    public void ToString_Always_ShowsMicrosecondsAndNode() =>
        Assert.Equal("2026-11-23 12:00:00.000001Z on node 3", new Stamp(Noon.AddMicroseconds(1), 3).ToString());
}
