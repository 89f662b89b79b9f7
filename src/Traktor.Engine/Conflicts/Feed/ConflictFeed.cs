using Microsoft.Extensions.Logging;
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

    private readonly FeedCursor cursor;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim gate = new(1);
    private readonly Lock readersLock = new();
    private readonly List<FeedReader> readers = [];
    private Task loop = Task.CompletedTask;
    private bool isRunning;

    public ConflictFeed(LocalNode local, TimeProvider time, ILogger<ConflictFeed> log)
        : this(new HistoryChanges(local), time, log) { }

    internal ConflictFeed(IHistoryChanges changes, TimeProvider time, ILogger log)
    {
        cursor = new FeedCursor(changes);
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
            if (!isRunning)
                cursor.Forget();
            while (await LookAsync(cancel))
            {
                // Others may wait for what is in the way.
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
