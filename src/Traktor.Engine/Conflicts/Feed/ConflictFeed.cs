using Microsoft.Extensions.Logging;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Nodes;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// Tells any number of readers what happens to conflicts. The table is the source: it is looked at four times a second
/// while somebody listens, and not at all otherwise; who heals does nothing for it and never waits for it. A reader
/// that comes back with its last position is given what it has not seen.
/// </summary>
public sealed partial class ConflictFeed : IAsyncDisposable
{
    /// <summary>Between two looks.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Conflicts a look at most; more are fetched at once.</summary>
    internal const int Page = 500;

    /// <summary>Conflicts that the feed may be behind, ten seconds of a storm; what is older is counted as missed.</summary>
    internal const int LongestBacklog = 10_000;

    /// <summary>Conflicts that a reader that comes back is given; what is older is counted as missed.</summary>
    internal const int LongestReplay = 2000;

    // In front of the first look: numbers among these that are not there yet may still be committed.
    private const int LookBack = 100;

    private readonly IHistoryChanges changes;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim gate = new(1);
    private readonly Lock readersLock = new();
    private readonly List<FeedReader> readers = [];
    private SequenceCursor? ids;
    private SequenceCursor? revisions;
    private Task loop = Task.CompletedTask;
    private bool isRunning;

    public ConflictFeed(LocalNode local, TimeProvider time, ILogger<ConflictFeed> log)
        : this(new HistoryChanges(local), time, log) { }

    internal ConflictFeed(IHistoryChanges changes, TimeProvider time, ILogger log)
    {
        this.changes = changes;
        this.time = time;
        this.log = log;
    }

    /// <summary>Listens from now on, or from where a reader was.</summary>
    /// <param name="since">The last position that the reader saw; null for from now on.</param>
    /// <param name="cancel">Gives up before it has begun.</param>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<FeedReader> ListenAsync(FeedPosition? since, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            ObjectDisposedException.ThrowIf(stop.IsCancellationRequested, this);
            // With nobody listening the marks grew old.
            if (!isRunning)
                (ids, revisions) = (null, null);
            while (await LookAsync(cancel))
            {
                // Others may wait for what is in the way.
            }

            var reader = new FeedReader(since ?? Position(), Leave);
            if (since is { } position)
                reader.Offer(await ReplayAsync(position, cancel));
            lock (readersLock)
                readers.Add(reader);
            if (!isRunning)
                (isRunning, loop) = (true, Task.Run(LoopAsync, CancellationToken.None));
            return reader;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Ends all readers' streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        foreach (var reader in Readers())
            reader.Close();
    }

    /// <summary>One look under the gate: whatever it finds goes to the readers there are. Returns whether there is more.</summary>
    private async Task<bool> LookAsync(CancellationToken cancel)
    {
        if (ids is null || revisions is null)
        {
            var marks = await changes.LookAsync(new HistoryQuestion(long.MaxValue, [], long.MaxValue, [], 0), cancel);
            (ids, revisions) = (
                new SequenceCursor(Math.Max(0, marks.LastId - LookBack)),
                new SequenceCursor(Math.Max(0, marks.LastRevision - LookBack))
            );
            Note(await AskAsync(ids, revisions, cancel));
            return false;
        }

        var look = await AskAsync(ids, revisions, cancel);
        if (look.LastId < ids.Last || look.LastRevision < revisions.Last)
        {
            // Another history: the node was taken out and initialised anew, or restored from a backup.
            (ids, revisions) = (new SequenceCursor(0), new SequenceCursor(0));
            look = await AskAsync(ids, revisions, cancel);
        }

        var missed = 0L;
        if (look.LastId - ids.Last > LongestBacklog)
        {
            missed = look.LastId - ids.Last - Page;
            ids = new SequenceCursor(look.LastId - Page);
            look = await AskAsync(ids, revisions, cancel);
        }

        var isFull = look.New.Count >= Page || look.Changed.Count >= Page;
        var batch = Batch(look.New.Concat(look.Changed)) with { Missed = missed };
        Note(look);
        foreach (var reader in Readers())
            reader.Offer(batch with { Position = Position() });
        return isFull;
    }

    private Task<HistoryLook> AskAsync(SequenceCursor id, SequenceCursor revision, CancellationToken cancel) =>
        changes.LookAsync(new HistoryQuestion(id.Last, id.Late, revision.Last, revision.Late, Page), cancel);

    private void Note(HistoryLook look)
    {
        ids!.Saw(look.New.Select(entry => entry.Id), look.OldestRunning, look.NextTransaction);
        revisions!.Saw(look.Changed.Select(entry => entry.Revision).OfType<long>(), look.OldestRunning, look.NextTransaction);
    }

    /// <summary>What a reader has not seen, up to where the others are.</summary>
    private async Task<FeedBatch> ReplayAsync(FeedPosition since, CancellationToken cancel)
    {
        var (id, revision) = (Math.Max(since.Id, ids!.Last - LongestReplay), Math.Max(since.Revision, revisions!.Last - LongestReplay));
        var look = await changes.LookAsync(new HistoryQuestion(id, [], revision, [], LongestReplay), cancel);
        var seen = look.New.Concat(look.Changed).Where(entry => entry.Id <= ids.Last && (entry.Revision ?? 0) <= revisions.Last);
        return Batch(seen) with { Missed = id - since.Id + (revision - since.Revision), Position = Position() };
    }

    private FeedPosition Position() => new(ids!.Settled, revisions!.Settled);

    private FeedBatch Batch(IEnumerable<HistoryEntry> entries) =>
        new(
            [.. entries.GroupBy(entry => entry.Id).Select(same => same.MaxBy(entry => entry.Revision ?? 0)!).OrderBy(entry => entry.Id)],
            Position(),
            0
        );

    private IReadOnlyList<FeedReader> Readers()
    {
        lock (readersLock)
            return [.. readers];
    }

    private void Leave(FeedReader reader)
    {
        lock (readersLock)
            readers.Remove(reader);
    }

    private async Task LoopAsync()
    {
        var isFailing = false;
        while (true)
        {
            var isMore = false;
            try
            {
                await gate.WaitAsync(stop.Token);
                try
                {
                    if (Readers().Count == 0)
                    {
                        isRunning = false;
                        return;
                    }

                    isMore = await LookAsync(stop.Token);
                    isFailing = false;
                }
                finally
                {
                    gate.Release();
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (RefusedException)
            {
                // Down, or not initialised: the node's monitor says so, and the readers go on when it is back.
            }
            catch (Exception e)
            {
                if (!isFailing)
                    LogDefect(log, e.GetType().Name, e);
                isFailing = true;
            }

            if (!isMore)
                await Task.Delay(Interval, time, stop.Token)
                    .ContinueWith(
                        static _ => { },
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default
                    );
        }
    }

    [LoggerMessage(420, LogLevel.Error, "Looking for changes of conflicts failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
