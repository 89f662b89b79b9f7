using Traktor.Engine.Subscriptions;

namespace Traktor.UnitTests.Engine.Subscriptions;

public sealed class LagEstimateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly AppliedHeartbeat Applied = new(10, Noon, Noon, AgeMs: 7500);

    [Fact]
    public void LagMs_PeerDoesNotAnswer_IsTheAgeOfItsLastHeartbeat()
    {
        Assert.Equal(7500, LagEstimate.LagMs(Applied, null, isFresh: false, isRunning: true, replayMs: 0));
        Assert.Equal(1, LagEstimate.LagMs(Applied with { AgeMs = 0 }, null, isFresh: false, isRunning: false, replayMs: null));
        Assert.Null(LagEstimate.LagMs(null, null, isFresh: false, isRunning: true, replayMs: 3));
    }

    [Fact]
    public void LagMs_EverythingSentIsApplied_IsWhatThePeersServerSays() =>
        Assert.Equal(3, LagEstimate.LagMs(Applied, Sent(10, 0, 900), isFresh: true, isRunning: true, replayMs: 3));

    [Fact]
    public void LagMs_OneOnItsWay_IsAsOldAsThat() =>
        Assert.Equal(20, LagEstimate.LagMs(Applied, Sent(11, 1000, 1020), isFresh: true, isRunning: true, replayMs: 3));

    [Fact]
    public void LagMs_ManyNotApplied_CountsFromTheFirstOfThem() =>
        Assert.Equal(59_200, LagEstimate.LagMs(Applied, Sent(70, 60_000, 60_200), isFresh: true, isRunning: true, replayMs: 0));

    [Fact]
    public void LagMs_Paused_GrowsAlsoWhenNothingNewWasSent()
    {
        Assert.Equal(5000, LagEstimate.LagMs(Applied, Sent(10, 0, 5000), isFresh: true, isRunning: false, replayMs: null));
        Assert.Equal(9000, LagEstimate.LagMs(Applied, Sent(15, 5000, 10_000), isFresh: true, isRunning: false, replayMs: null));
    }

    [Fact]
    public void LagMs_PeerOfAnEarlierRelease_IsWhatItsServerSays()
    {
        Assert.Equal(4, LagEstimate.LagMs(null, null, isFresh: true, isRunning: true, replayMs: 4));
        Assert.Null(LagEstimate.LagMs(null, null, isFresh: true, isRunning: false, replayMs: 4));
    }

    [Fact]
    public void CatchUpMs_IsWhatIsLeftAtTheRateOfLate()
    {
        var before = new PeerObservation(LastContactAt: Noon, LagBytes: 3_000_000, ConfirmedBytes: 1_000_000);
        Assert.Equal(
            2000,
            LagEstimate.CatchUpMs(
                before,
                new PeerObservation(LastContactAt: Noon.AddSeconds(1), LagBytes: 2_000_000, ConfirmedBytes: 2_000_000)
            )
        );
        Assert.Equal(
            0,
            LagEstimate.CatchUpMs(before, new PeerObservation(LastContactAt: Noon.AddSeconds(1), LagBytes: 100, ConfirmedBytes: 2_000_000))
        );
        Assert.Null(
            LagEstimate.CatchUpMs(
                before,
                new PeerObservation(LastContactAt: Noon.AddSeconds(1), LagBytes: 3_000_000, ConfirmedBytes: 1_000_000)
            )
        );
    }

    private static SentHeartbeat Sent(long seq, int clockMs, int nowMs) =>
        new(seq, Noon.AddMilliseconds(clockMs), Noon.AddMilliseconds(nowMs));
}
