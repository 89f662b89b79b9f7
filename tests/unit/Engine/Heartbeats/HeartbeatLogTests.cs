using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Heartbeats;

public sealed class HeartbeatLogTests
{
    [Fact]
    public void Horizon_SomebodyWasNeverHeard_IsNotKnown() =>
        Assert.Null(Log([0, 1, 2], Beat(0, 1, 10), Beat(1, 1, 11, (0, 1))).StableXid());

    [Fact]
    public void Horizon_AllAcknowledged_IsTheOldestOfWhatEverybodyHas()
    {
        var log = Log(
            [0, 1, 2],
            Beat(0, 1, 10),
            Beat(0, 2, 20),
            Beat(1, 1, 12, (0, 1), (2, 1)),
            Beat(1, 2, 22, (0, 2), (2, 1)),
            Beat(2, 1, 11, (0, 1), (1, 1)),
            Beat(2, 2, 21, (0, 1), (1, 2))
        );

        // Node 2 has acknowledged only the first of this node's.
        Assert.Equal((1L, 2L, 1L), (log.Acknowledged(0), log.Acknowledged(1), log.Acknowledged(2)));
        Assert.Equal(10UL, log.StableXid());
    }

    [Fact]
    public void Horizon_TheAcknowledgedOneWasPruned_TakesTheOneBefore() =>
        Assert.Equal(5UL, Log([0, 1], Beat(0, 1, 5), Beat(0, 9, 50), Beat(1, 3, 51, (0, 7))).StableXid());

    [Fact]
    public void Add_OfANodeThatIsNoMember_HoldsNothingBack() =>
        Assert.Equal(10UL, Log([0, 1], Beat(0, 1, 10), Beat(1, 1, 11, (0, 1)), Beat(7, 1, 2, (0, 0))).StableXid());

    [Fact]
    public void HasBeenHeardOf_NeedsEverybodysAnswerToHaveArrivedEverywhere()
    {
        Heartbeat[] received = [Beat(0, 5, 10), Beat(1, 1, 11, (0, 5), (2, 0)), Beat(2, 1, 12, (0, 5), (1, 0))];
        Assert.False(Log([0, 1, 2], received).IsAcknowledged(5));
        Assert.True(Log([0, 1, 2], [.. received, Beat(1, 2, 13, (0, 5), (2, 1)), Beat(2, 2, 14, (0, 5), (1, 1))]).IsAcknowledged(5));
        Assert.False(Log([0, 1, 2], [.. received, Beat(1, 2, 13, (0, 5), (2, 1)), Beat(2, 2, 14, (0, 5), (1, 1))]).IsAcknowledged(6));
    }

    [Fact]
    public void LastHeardOf_IsTheLastThatHasBeen()
    {
        Heartbeat[] received =
        [
            Beat(0, 5, 10),
            Beat(1, 1, 11, (0, 3), (2, 0)),
            Beat(2, 1, 12, (0, 4), (1, 1)),
            Beat(1, 2, 13, (0, 5), (2, 1)),
            Beat(2, 2, 14, (0, 5), (1, 1)),
        ];
        Assert.Equal(-1, Log([0, 1, 2]).LastAcknowledged());
        Assert.Equal(-1, Log([0, 1, 2], received[..2]).LastAcknowledged());
        for (var count = 3; count <= received.Length; count++)
        {
            var log = Log([0, 1, 2], received[..count]);
            Assert.Equal(Enumerable.Range(-1, 8).Where(own => own < 0 || log.IsAcknowledged(own)).Max(), log.LastAcknowledged());
        }

        Assert.Equal(3, Log([0, 1, 2], received).LastAcknowledged());
        Assert.Equal(5, Log([0], Beat(0, 5, 10)).LastAcknowledged());
    }

    private static HeartbeatLog Log(int[] members, params Heartbeat[] received)
    {
        var log = new HeartbeatLog(0, members);
        foreach (var heartbeat in received)
            log.Add(heartbeat);
        return log;
    }

    private static Heartbeat Beat(int node, long seq, ulong xid, params (int Node, long Seq)[] vector) =>
        new(node, seq, xid, new NodeVector([.. vector.Select(entry => entry.Node)], [.. vector.Select(entry => entry.Seq)]));
}
