using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>How far the history has been read, and what is read next. Not thread-safe.</summary>
internal sealed class FeedCursor(IHistoryChanges changes)
{
    // Looks back at the start: missing numbers in this range may still be committed.
    private const int LookBack = 100;

    private SequenceCursor? ids;
    private SequenceCursor? revisions;

    /// <summary>The position of a reader that has seen everything.</summary>
    public FeedPosition Position => new(ids!.Settled, revisions!.Settled);

    /// <summary>
    /// Starts again with the next query, because the positions are stale after a time without readers.
    /// </summary>
    public void Forget() => (ids, revisions) = (null, null);

    /// <summary>The changes since the last query; null the first time, which only determines the positions.</summary>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<(FeedBatch Batch, bool IsMore)?> LookAsync(CancellationToken cancel)
    {
        if (ids is null || revisions is null)
        {
            var marks = await changes.LookAsync(new HistoryQuestion(long.MaxValue, [], long.MaxValue, [], 0), cancel);
            (ids, revisions) = (
                new SequenceCursor(Math.Max(0, marks.LastId - LookBack)),
                new SequenceCursor(Math.Max(0, marks.LastRevision - LookBack))
            );
            Advance(await AskAsync(ids, revisions, cancel));
            return null;
        }

        var look = await AskAsync(ids, revisions, cancel);
        if (look.LastId < ids.Last || look.LastRevision < revisions.Last)
        {
            // A different history: the node was initialised again, or restored from a backup.
            (ids, revisions) = (new SequenceCursor(0), new SequenceCursor(0));
            look = await AskAsync(ids, revisions, cancel);
        }

        var missed = 0L;
        if (look.LastId - ids.Last > ConflictFeed.LongestBacklog)
        {
            missed = look.LastId - ids.Last - ConflictFeed.Page;
            ids = new SequenceCursor(look.LastId - ConflictFeed.Page);
            look = await AskAsync(ids, revisions, cancel);
        }

        var isFull = look.New.Count >= ConflictFeed.Page || look.Changed.Count >= ConflictFeed.Page;
        var batch = Batch(look.New.Concat(look.Changed)) with { Missed = missed };
        Advance(look);
        return (batch with { Position = Position }, isFull);
    }

    /// <summary>The changes that a reconnecting reader has not seen, up to the other readers' position.</summary>
    public async Task<FeedBatch> ReplayAsync(FeedPosition since, CancellationToken cancel)
    {
        var (id, revision) = (
            Math.Max(since.Id, ids!.Last - ConflictFeed.LongestReplay),
            Math.Max(since.Revision, revisions!.Last - ConflictFeed.LongestReplay)
        );
        var look = await changes.LookAsync(new HistoryQuestion(id, [], revision, [], ConflictFeed.LongestReplay), cancel);
        var seen = look.New.Concat(look.Changed).Where(entry => entry.Id <= ids.Last && (entry.Revision ?? 0) <= revisions.Last);
        return Batch(seen) with { Missed = id - since.Id + (revision - since.Revision), Position = Position };
    }

    private Task<HistoryLook> AskAsync(SequenceCursor id, SequenceCursor revision, CancellationToken cancel) =>
        changes.LookAsync(new HistoryQuestion(id.Last, id.Late, revision.Last, revision.Late, ConflictFeed.Page), cancel);

    private void Advance(HistoryLook look)
    {
        ids!.Saw(look.New.Select(entry => entry.Id), look.OldestRunning, look.NextTransaction);
        revisions!.Saw(look.Changed.Select(entry => entry.Revision).OfType<long>(), look.OldestRunning, look.NextTransaction);
    }

    private FeedBatch Batch(IEnumerable<HistoryEntry> entries) =>
        new(
            [.. entries.GroupBy(entry => entry.Id).Select(same => same.MaxBy(entry => entry.Revision ?? 0)!).OrderBy(entry => entry.Id)],
            Position,
            0
        );
}
