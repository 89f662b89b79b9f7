using Traktor.Engine.Nodes;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// Reports changes of conflicts to any number of readers. The table is the source: while there are readers it is
/// queried four times a second, otherwise not at all, and healing never waits for the feed. A reader that reconnects
/// with its last position receives what it has not seen.
/// </summary>
public sealed class ConflictFeed : IAsyncDisposable
{
    /// <summary>Time between two queries.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The most conflicts in one query; if there are more, the next query follows at once.</summary>
    internal const int Page = 500;

    /// <summary>
    /// How many conflicts the feed may fall behind, about ten seconds under heavy conflict load. Older ones are counted
    /// as missed.
    /// </summary>
    internal const int LongestBacklog = 10_000;

    /// <summary>How many conflicts a reconnecting reader receives. Older ones are counted as missed.</summary>
    internal const int LongestReplay = 2000;

    private readonly FeedCursor cursor;
    private readonly TimeProvider time;
    private readonly Worker worker;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim gate = new(1);
    private readonly Lock readersLock = new();
    private readonly List<FeedReader> readers = [];
    private Task loop = Task.CompletedTask;
    private bool isRunning;

    public ConflictFeed(LocalNode local, Worker worker, TimeProvider time)
        : this(new HistoryChanges(local), worker, time) { }

    internal ConflictFeed(IHistoryChanges changes, Worker worker, TimeProvider time)
    {
        cursor = new FeedCursor(changes);
        this.worker = worker;
        this.time = time;
    }

    /// <summary>Starts a reader, from now on or from an earlier position.</summary>
    /// <param name="since">The last position that the reader saw; null for now.</param>
    /// <param name="cancel">Cancels the start.</param>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<FeedReader> ListenAsync(FeedPosition? since, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            ObjectDisposedException.ThrowIf(stop.IsCancellationRequested, this);
            if (!isRunning)
                cursor.Forget();
            while (await LookAsync(cancel))
            {
                // Others may be waiting for the same lock.
            }

            var reader = new FeedReader(since ?? cursor.Position, Leave);
            if (since is { } position)
                reader.Offer(await cursor.ReplayAsync(position, cancel));
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

    /// <summary>Ends all readers.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        foreach (var reader in Readers())
            reader.Close();
    }

    /// <summary>
    /// One query, under the gate. Its results go to the current readers. Returns whether there is more.
    /// </summary>
    private async Task<bool> LookAsync(CancellationToken cancel)
    {
        if (await cursor.LookAsync(cancel) is not var (batch, isMore))
            return false;
        foreach (var reader in Readers())
            reader.Offer(batch);
        return isMore;
    }

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
        var isMore = false;
        while (!stop.IsCancellationRequested)
        {
            await worker.TryAsync(
                async cancel =>
                {
                    isMore = false;
                    await gate.WaitAsync(cancel);
                    try
                    {
                        isRunning = Readers().Count > 0;
                        isMore = isRunning && await LookAsync(cancel);
                    }
                    finally
                    {
                        gate.Release();
                    }
                },
                stop.Token
            );
            if (!isRunning)
                return;
            if (!isMore)
                await Loop.RestAsync(Interval, time, stop.Token);
        }
    }
}
