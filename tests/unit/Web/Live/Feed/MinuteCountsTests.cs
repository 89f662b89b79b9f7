using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Feed;

namespace Traktor.UnitTests.Web.Live.Feed;

public sealed class MinuteCountsTests
{
    private static readonly DateTimeOffset Now = Entries.Noon + TimeSpan.FromSeconds(30);

    [Fact]
    public void AddTo_CountsLoadedAndLater_EachOnceInItsMinute()
    {
        var counts = new MinuteCounts();
        counts.Load(
            new ConflictRate(
                0,
                10,
                true,
                [
                    new(Entries.Noon - TimeSpan.FromMinutes(59), "a.a", ConflictType.InsertExists, 3),
                    new(Entries.Noon - TimeSpan.FromMinutes(2), "a.a", ConflictType.InsertExists, 4),
                    new(Entries.Noon - TimeSpan.FromMinutes(2), "a.b", ConflictType.UpdateMissing, 5),
                ]
            )
        );
        // Number 10 is in what was loaded.
        counts.Add(Entry(10));
        counts.Add(Entry(11));
        counts.Add(Entry(12) with { Occurred = Now });

        var bars = Bars(counts, Now);
        Assert.Equal((3, 9, 2, 14), (bars[0], bars[57], bars[59], bars.Sum()));
        Assert.Equal(9, Bars(counts, Now, (relation, _) => relation != "a.b").Sum());
        Assert.Equal(5, Bars(counts, Now, (_, type) => type == ConflictType.UpdateMissing).Sum());
        // A minute later the oldest bar is gone, and all stand one further left.
        bars = Bars(counts, Now + TimeSpan.FromMinutes(1));
        Assert.Equal((0, 9, 2, 0), (bars[0], bars[56], bars[58], bars[59]));
    }

    [Fact]
    public void Add_ForHours_KeepsOneHour()
    {
        var counts = new MinuteCounts();
        for (var minute = 0; minute < 1000; minute++)
            counts.Add(Entry(minute + 1) with { Occurred = Entries.Noon + TimeSpan.FromMinutes(minute) });
        var all = new long[2000];
        counts.AddTo(all, Entries.Noon + TimeSpan.FromMinutes(999), (_, _) => true);
        Assert.Equal(MinuteCounts.Length, all.Sum());
    }

    private static long[] Bars(MinuteCounts counts, DateTimeOffset now, Func<string, ConflictType, bool>? filter = null)
    {
        var bars = new long[MinuteCounts.Length];
        counts.AddTo(bars, now, filter ?? ((_, _) => true));
        return bars;
    }

    private static FeedEntry Entry(long id) => FeedEntry.Of(0, Entries.Entry(id));
}
