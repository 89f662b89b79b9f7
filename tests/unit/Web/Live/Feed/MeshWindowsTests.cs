using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Feed;

namespace Traktor.UnitTests.Web.Live.Feed;

public sealed class MeshWindowsTests
{
    private static readonly FeedRequest All = new(null, null);

    private readonly MeshWindows windows = new();

    [Fact]
    public void Take_AfterLoad_IsASnapshotThenChanges()
    {
        var window = Open(0, 1, 2);
        var reader = windows.Listen(All);
        Assert.Equal([(FeedKind.Snapshot, "1 2", false)], Told(reader));
        Assert.Empty(reader.Take());

        Change(window, Waiting(3), Waiting(2) with { State = ConflictState.Resolved, Revision = 5 });
        Assert.Equal([(FeedKind.Changes, "3 2", false)], Told(reader));
        // The same once more: it was cut off, and was told twice.
        Change(window, Waiting(3), Waiting(2) with { State = ConflictState.Resolved, Revision = 5 });
        Assert.Equal("", Ids(reader));
        // What a snapshot knew already, told late.
        Change(window, Waiting(2));
        Assert.Equal("", Ids(reader));
    }

    [Fact]
    public void Take_BySlowReader_IsBoundedAndLosesNothingUnsaid()
    {
        var window = Open(0);
        var slow = windows.Listen(All);
        var quick = windows.Listen(All);
        slow.Take();
        quick.Take();
        List<string> seen = [];
        for (var id = 1; id <= (3 * NodeWindow.Capacity) + 7; id++)
        {
            Change(window, Resolved(id));
            if (id % 1000 == 0)
                seen.AddRange(Ids(quick).Split(' '));
        }

        seen.AddRange(Ids(quick).Split(' '));
        Assert.Equal(Enumerable.Range(1, (3 * NodeWindow.Capacity) + 7).Select(id => $"{id}"), seen);
        var snapshot = Assert.Single(slow.Take());
        Assert.Equal((FeedKind.Snapshot, true, NodeWindow.SnapshotLength), (snapshot.Kind, snapshot.Gap, snapshot.Conflicts.Count));
        Assert.Equal((3 * NodeWindow.Capacity) + 7, snapshot.Conflicts[^1].Id);
    }

    [Fact]
    public void Change_ManyResolved_WhatWaitsStays()
    {
        var window = Open(0);
        Change(window, Waiting(1));
        for (var id = 2; id <= NodeWindow.Capacity + 10; id++)
            Change(window, Resolved(id));
        Assert.Contains(1, windows.Listen(All).Take().Single().Conflicts.Select(entry => entry.Id));
    }

    [Fact]
    public void Take_ComingBack_GetsWhatFollowsItsPosition()
    {
        var window = Open(0);
        Change(window, Waiting(1), Waiting(2));
        Change(window, Waiting(1) with { Revision = 4, State = ConflictState.Resolved });
        Change(window, Waiting(3));
        MeshReader Back(string position) => windows.Listen(new FeedRequest(null, new Dictionary<int, string> { [0] = position }));

        Assert.Equal([(FeedKind.Changes, "1 3", false)], Told(Back("2-0")));
        Assert.Equal([(FeedKind.Changes, "3", false)], Told(Back("2-4")));
        // Not of this history, and none at all.
        Assert.Equal([(FeedKind.Snapshot, "2 1 3", true)], Told(Back("9-4")));
        Assert.Equal([(FeedKind.Snapshot, "2 1 3", false)], Told(Back("what?")));
    }

    [Fact]
    public void Take_ComingBackTooLate_IsASnapshotWithAGap()
    {
        var window = Open(0);
        for (var id = 1; id <= NodeWindow.Capacity + 1; id++)
            Change(window, Resolved(id));
        var told = windows.Listen(new FeedRequest(null, new Dictionary<int, string> { [0] = "0-0" })).Take().Single();
        Assert.Equal((FeedKind.Snapshot, true), (told.Kind, told.Gap));
        told = windows.Listen(new FeedRequest(null, new Dictionary<int, string> { [0] = "1-0" })).Take().Single();
        Assert.Equal((FeedKind.Changes, NodeWindow.Capacity), (told.Kind, told.Conflicts.Count));
    }

    [Fact]
    public void Take_NodeFallsSilentAndIsBack_IsSaidOnce()
    {
        var window = Open(1, 1);
        var reader = windows.Listen(All);
        reader.Take();
        windows.Change(window, () => window.Fail("It is away."));
        windows.Change(window, () => window.Fail("It is away."));
        Assert.Equal([(FeedKind.Unreachable, "", false)], Told(reader));
        Change(window);
        Assert.Equal([(FeedKind.Changes, "", false)], Told(reader));
        windows.Close(window);
        Assert.Equal([(FeedKind.Removed, "", false)], Told(reader));
        // A late word of a node that has left brings nothing back.
        Change(window, Waiting(2));
        Assert.Empty(reader.Take());
    }

    [Fact]
    public void Take_NodeNeverHeard_IsSilentThenASnapshotWithoutGap()
    {
        var window = windows.Open(1);
        var reader = windows.Listen(All);
        Assert.Empty(reader.Take());
        windows.Change(window, () => window.Fail("It is away."));
        Assert.Equal([(FeedKind.Unreachable, "", false)], Told(reader));
        Assert.Empty(reader.Take());
        Load(window, 7);
        Assert.Equal([(FeedKind.Snapshot, "7", false)], Told(reader));
    }

    [Fact]
    public void Take_NodeLoadedAnew_IsASnapshotWithAGap()
    {
        var window = Open(0, 8, 9);
        var reader = windows.Listen(All);
        reader.Take();
        Load(window, 1);
        Assert.Equal([(FeedKind.Snapshot, "1", true)], Told(reader));
    }

    [Fact]
    public async Task WaitAsync_WakesForAChangeAndOnlyForThat()
    {
        var window = Open(0);
        var reader = windows.Listen(All);
        await reader.WaitAsync(default);
        reader.Take();
        var waiting = reader.WaitAsync(default);
        Assert.False(waiting.IsCompleted);
        Change(window, Waiting(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        reader.Dispose();
        Assert.Equal(0, windows.Readers);
    }

    private NodeWindow Open(int node, params int[] ids)
    {
        var window = windows.Open(node);
        Load(window, ids);
        return window;
    }

    private void Load(NodeWindow window, params int[] ids) =>
        windows.Change(
            window,
            () =>
                window.Load(ids.Select(id => Waiting(id, window.Node)), new FeedPosition(ids.LastOrDefault(), 0), isAll: true, Entries.Noon)
        );

    private void Change(NodeWindow window, params FeedEntry[] entries) =>
        windows.Change(
            window,
            () =>
                window.Change(
                    entries,
                    new FeedPosition(
                        Math.Max(Position(window).Id, entries.Select(entry => entry.Id).DefaultIfEmpty(0).Max()),
                        Math.Max(Position(window).Revision, entries.Max(entry => entry.Revision) ?? 0)
                    ),
                    Entries.Noon
                )
        );

    private static FeedPosition Position(NodeWindow window) => FeedPosition.Parse(window.Snapshot(gap: false).Position)!.Value;

    private static FeedEntry Waiting(long id, int node = 0) => FeedEntry.Of(node, Entries.Entry(id));

    private static FeedEntry Resolved(long id) => Waiting(id) with { State = ConflictState.Resolved };

    private static string Ids(MeshReader reader) =>
        string.Join(' ', reader.Take().SelectMany(message => message.Conflicts).Select(entry => entry.Id));

    private static IEnumerable<(FeedKind, string, bool)> Told(MeshReader reader) =>
        reader.Take().Select(message => (message.Kind, string.Join(' ', message.Conflicts.Select(entry => entry.Id)), message.Gap));
}
