using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.UnitTests.Engine.Convergence.Rules;

/// <summary>
/// What the overwrite log's entries say of a transaction, and whose loss the healer has recorded already.
/// </summary>
public sealed class OverwriteTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(RecordedLosses.None, 1, 2, false)]
    [InlineData(RecordedLosses.Later, 1, 2, false)]
    [InlineData(RecordedLosses.Later, 3, 2, true)]
    [InlineData(RecordedLosses.All, 1, 2, true)]
    public void IsRecorded_AVersionThatTheHealerOverwrote_OnlyWhatItRecords(
        RecordedLosses recorded,
        int oldSecond,
        int newSecond,
        bool expected
    ) =>
        Assert.Equal(
            expected,
            new Overwrite(7, Version(oldSecond, 0, "a"), Version(newSecond, 1, "b"), Noon, Recorded: recorded).IsRecorded
        );

    [Theory]
    [InlineData(RecordedLosses.Later, 1)]
    [InlineData(RecordedLosses.All, 0)]
    public void Decide_AnEarlierVersionOverwrittenByTheHealer_IsRecordedOnceInAll(RecordedLosses recorded, int losses)
    {
        var (old, made) = (Version(1, 0, "old"), Version(2, 1, "new"));
        var state = new KeyState(new Stamp(Noon.AddSeconds(9), 0), made, null, [new Overwrite(7, old, made, Noon, Recorded: recorded)], []);

        Assert.Equal(losses, KeyRules.Decide(state, 1)!.Losses.Count);
    }

    [Fact]
    public void ByTransaction_AnInsertThatOverwroteAndAnUpdateAfterIt_IsOneChangeWhoseOldVersionIsRecorded()
    {
        var (old, first, last) = (Version(1, 0, "old"), Version(2, 1, "first"), Version(2, 1, "last"));

        var drawn = Assert.Single(
            Overwrite.ByTransaction([
                new Overwrite(7, old, first, Noon, Recorded: RecordedLosses.All),
                new Overwrite(7, null, last, Noon.AddSeconds(1), Recorded: RecordedLosses.Later),
            ])
        );

        Assert.Equal(new Overwrite(7, old, last, Noon.AddSeconds(1), Recorded: RecordedLosses.All), drawn);
    }

    private static RowVersion Version(int second, int node, string image) => new(new Stamp(Noon.AddSeconds(second), node), image);
}
