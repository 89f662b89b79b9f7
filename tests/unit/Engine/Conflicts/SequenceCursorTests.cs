using Traktor.Engine.Conflicts.Feed;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class SequenceCursorTests
{
    [Fact]
    public void Saw_NumbersWithoutGaps_AreSettled()
    {
        var cursor = new SequenceCursor(10);
        cursor.Saw([12, 11, 13], 100, 100);
        Assert.Equal((13, 13, 0), (cursor.Last, cursor.Settled, cursor.Late.Count));
    }

    [Fact]
    public void Saw_NumberPassedOver_IsWaitedForAndThenSettled()
    {
        var cursor = new SequenceCursor(10);
        cursor.Saw([11, 13], 100, 105);
        Assert.Equal([12L], cursor.Late);
        Assert.Equal(11, cursor.Settled);
        cursor.Saw([12], 101, 106);
        Assert.Equal((13, 13, 0), (cursor.Last, cursor.Settled, cursor.Late.Count));
    }

    [Fact]
    public void Saw_NumberPassedOver_IsGivenUpWhenNobodyCanBringIt()
    {
        var cursor = new SequenceCursor(10);
        cursor.Saw([12], 100, 105);
        cursor.Saw([], 100, 106);
        for (var look = 0; look < 20; look++)
            cursor.Saw([], 105, 200);
        Assert.Equal([11L], cursor.Late);
        cursor.Saw([], 106, 200);
        Assert.Empty(cursor.Late);
    }

    [Fact]
    public void Saw_NothingRuns_StillLooksAFewTimes()
    {
        var cursor = new SequenceCursor(10);
        cursor.Saw([12], 100, 100);
        cursor.Saw([], 100, 100);
        cursor.Saw([], 100, 100);
        Assert.Equal([11L], cursor.Late);
    }

    [Fact]
    public void Saw_HugeGap_IsBounded()
    {
        var cursor = new SequenceCursor(0);
        cursor.Saw([1_000_000_000], 100, 100);
        Assert.Equal(SequenceCursor.MostLate, cursor.Late.Count);
        Assert.Equal(1_000_000_000, cursor.Last);
    }
}
