using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Live.Cases;

public sealed class FeedListTests
{
    private static readonly DateTimeOffset Now = Entries.Noon.AddHours(1);

    [Fact]
    public void Apply_WhilePaused_ShowsTheSameAndCountsWhatCame()
    {
        var list = new FeedList(new FeedFilter());
        list.Apply([Told(FeedKind.Snapshot, Entry(1), Entry(2))], Now);
        Assert.Equal("2 1", Shown(list));
        list.Pause();
        list.Apply([Told(FeedKind.Changes, Entry(3), Entry(2) with { Revision = 1, State = ConflictState.Resolved })], Now);
        list.Apply([Told(FeedKind.Changes, Entry(3))], Now);
        Assert.Equal(("2 1", 2), (Shown(list), list.Meanwhile));
        list.Resume();
        Assert.Equal(("3 2 1", 0), (Shown(list), list.Meanwhile));
    }

    [Fact]
    public void Apply_ToldOnceMoreWhilePaused_IsNoNews()
    {
        var list = new FeedList(new FeedFilter());
        list.Apply([Told(FeedKind.Snapshot, Entry(1), Entry(2))], Now);
        list.Pause();
        list.Apply([Told(FeedKind.Changes, Entry(1))], Now);
        list.Apply([Told(FeedKind.Snapshot, Entry(1), Entry(2), Entry(3)) with { Gap = true }], Now);
        Assert.Equal(1, list.Meanwhile);
    }

    [Fact]
    public void Apply_NoLongerInTheFilter_Leaves()
    {
        var list = new FeedList(new FeedFilter(State: ConflictState.Pending));
        list.Apply([Told(FeedKind.Snapshot, Entry(1), Entry(2))], Now);
        list.Apply([Told(FeedKind.Changes, Entry(1) with { Revision = 1, State = ConflictState.Resolved })], Now);
        Assert.Equal("2", Shown(list));
        // An older word of it does not bring it back.
        list.Apply([Told(FeedKind.Snapshot, Entry(2))], Now);
        Assert.Equal("2", Shown(list));
    }

    [Fact]
    public void Apply_SnapshotWithAGap_TakesThePlaceOfWhatWasThere()
    {
        var list = new FeedList(new FeedFilter());
        list.Apply([Told(FeedKind.Snapshot, Entry(1), Entry(2))], Now);
        Assert.Equal([0], list.Apply([Told(FeedKind.Snapshot, Entry(8), Entry(9)) with { Gap = true }], Now));
        Assert.Equal("9 8", Shown(list));
    }

    [Fact]
    public void Add_AnotherNodeReachesLessFarBack_NoHoleIsShown()
    {
        var list = new FeedList(new FeedFilter());
        list.Add(new ConflictPage(0, [History(50), History(40)], 40), Now);
        list.Add(new ConflictPage(1, [History(48), History(10)], null), Now);
        Assert.Equal("50 48 40", Shown(list));
        Assert.True(list.HasOlder);
        Assert.Equal((40, null), (list.Oldest(0), list.Oldest(1)));
        list.Add(new ConflictPage(0, [History(39), History(9)], null), Now);
        Assert.Equal("50 48 40 39 10 9", Shown(list));
        Assert.False(list.HasOlder);
    }

    [Fact]
    public void Apply_MoreThanIsKept_KeepsTheNewestAndSaysThatThereAreOlder()
    {
        var list = new FeedList(new FeedFilter());
        for (var id = 1; id <= FeedList.Most + 1; id++)
            list.Apply([Told(FeedKind.Changes, Entry(id))], Now);
        Assert.Equal(FeedList.Most + 1, list.Show(Now)[0].Main.Id);
        Assert.Equal((FeedList.Step, true), (list.Show(Now).Count, list.HasOlder));
        for (var more = 0; more < 100; more++)
            list.More();
        Assert.InRange(list.Show(Now).Count, FeedList.Most / 2, FeedList.Most);
        Assert.Equal(list.Show(Now)[^1].Main.Id, list.Oldest(0));
    }

    private static string Shown(FeedList list) => string.Join(' ', list.Show(Now).Select(row => row.Main.Id));

    private static FeedMessage Told(FeedKind kind, params FeedEntry[] entries) => new(kind, 0, entries, "1-1", false, Now, null);

    // Each a row of its own, met a second after the one before.
    private static HistoryEntry History(long id) =>
        Engine.Conflicts.Entries.Entry(id, key: $$"""{"id":{{id}}}""") with
        {
            Occurred = Entries.Noon.AddSeconds(id),
        };

    private static FeedEntry Entry(long id) => FeedEntry.Of(0, History(id));
}
