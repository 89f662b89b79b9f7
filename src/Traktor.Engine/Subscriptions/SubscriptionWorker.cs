using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Subscriptions;

/// <summary>
/// The loop beside one subscription: keeps a session on the peer, sees how the link and the slot are, and keeps the
/// subscription equal to what the peer publishes. It waits only for its own peer; the others have workers of their own.
/// </summary>
public sealed partial class SubscriptionWorker : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    private readonly LocalNode local;
    private readonly TimeSpan checkInterval;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;
    private readonly TaskCompletionSource firstCheck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CatalogSubscription subscription;
    private PeerObservation observation = new();
    private int kicks;

    public SubscriptionWorker(LocalNode local, CatalogSubscription subscription, TimeSpan checkInterval, TimeProvider time, ILogger log)
    {
        this.local = local;
        this.subscription = subscription;
        this.checkInterval = checkInterval;
        this.time = time;
        this.log = log;
        ConnectionString = subscription.ConnectionString;
        loop = Task.Run(LoopAsync);
    }

    /// <summary>The connection string that this worker uses; another one needs another worker.</summary>
    public string ConnectionString { get; }

    /// <summary>What was last seen of the peer.</summary>
    public PeerObservation Observation => Volatile.Read(ref observation);

    /// <summary>Completes with the first full check, or with the first failure to reach the peer.</summary>
    public Task FirstCheck => firstCheck.Task;

    /// <summary>Hands the worker what the catalog says by now, and has it check at once when that changed what it may do.</summary>
    public void Update(CatalogSubscription now)
    {
        var before = Interlocked.Exchange(ref subscription, now);
        if (before.IsEnabled != now.IsEnabled || before.PausedAt != now.PausedAt)
            RequestLook();
    }

    /// <summary>Has the worker check now.</summary>
    public void RequestLook() => Interlocked.Increment(ref kicks);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    private async Task LoopAsync()
    {
        var backOff = Slice;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await SessionAsync(() => backOff = Slice);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Lost(e);
            }

            firstCheck.TrySetResult();
            await Task.Delay(backOff, time, stop.Token)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            backOff = backOff * 2 > LongestBackOff ? LongestBackOff : backOff * 2;
        }

        firstCheck.TrySetResult();
    }

    private async Task SessionAsync(Action connected)
    {
        var cancel = stop.Token;
        await using var database = new Database(
            Conninfo.Parse(ConnectionString),
            ObjectNames.WorkerSession(local.NodeId, subscription.InboundNode)
        );
        await using var peer = await database.OpenAsync(cancel);
        var isNotified = true;
        peer.Notification += (_, _) => isNotified = true;
        await using (var listen = new NpgsqlCommand($"LISTEN {Quote.Identifier(ObjectNames.Channel)}", peer))
            await listen.ExecuteNonQueryAsync(cancel);

        var nextFullCheck = time.GetUtcNow();
        var seenKicks = -1;
        while (!cancel.IsCancellationRequested)
        {
            var now = Volatile.Read(ref subscription);
            var seen = await PeerObservation.AskAsync(peer, local.NodeId, now, time, cancel);
            if (isNotified || seenKicks != Volatile.Read(ref kicks) || time.GetUtcNow() >= nextFullCheck)
            {
                isNotified = false;
                seenKicks = Volatile.Read(ref kicks);
                var (isOpening, problem) = seen.Broken is null ? await RefreshAsync(peer, now, cancel) : (false, null);
                seen = seen with { Findings = problem, Policies = seen.Broken is null ? await PeerPolicies.ReadAsync(peer, cancel) : null };
                nextFullCheck = time.GetUtcNow() + (isOpening || problem is not null ? LookEvery : checkInterval);
            }
            else
            {
                seen = seen with { Findings = observation.Findings, Policies = observation.Policies };
            }

            Saw(seen with { CatchUpMs = LagEstimate.CatchUpMs(observation, seen) });
            connected();
            firstCheck.TrySetResult();
            await WaitAsync(peer, () => isNotified || seenKicks != Volatile.Read(ref kicks), cancel);
        }
    }

    /// <summary>A failure of this node's own server is not the peer's: it is tried again with the next check.</summary>
    private async Task<(bool IsOpening, string? Problem)> RefreshAsync(
        NpgsqlConnection peer,
        CatalogSubscription now,
        CancellationToken cancel
    )
    {
        NpgsqlConnection own;
        try
        {
            own = await local.OpenAsync(cancel);
        }
        catch (RefusedException)
        {
            return (true, null);
        }

        await using (own)
        {
            // What the catalog says now, not when it was last looked at: an answer to the peer must not rest on a
            // subscription that was paused since.
            var fresh = await SubscriptionCatalog.FindAsync(own, local.NodeId, now.InboundNode, cancel);
            // Refreshing needs the subscription enabled: a heal ends by itself, and then it is done.
            if (fresh is { HealingState: "healing", IsEnabled: false })
                return (true, null);
            return fresh is { HasSlot: true } ? await PublicationRefresh.RunAsync(own, peer, local.NodeId, fresh, cancel) : (false, null);
        }
    }

    private static async Task WaitAsync(NpgsqlConnection peer, Func<bool> isUnapplied, CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; waited < LookEvery && !isUnapplied(); waited += Slice)
            await peer.WaitAsync(Slice, cancel);
    }

    private void Saw(PeerObservation seen)
    {
        var before = Interlocked.Exchange(ref observation, seen);
        if (seen.Broken is not null && before.Broken != seen.Broken)
            LogBroken(log, subscription.InboundNode, seen.Broken);
        else if (before.LastContactAt is null || before.Unreachable is not null)
            LogReached(log, subscription.InboundNode);
        if (seen.Findings is not null && before.Findings != seen.Findings)
            LogCannotReceive(log, subscription.InboundNode, seen.Findings);
    }

    private void Lost(Exception error)
    {
        var words = error is RefusedException refused ? refused.Message : PostgresErrors.InWords(error);
        var before = Interlocked.Exchange(
            ref observation,
            new PeerObservation(LastContactAt: observation.LastContactAt, Unreachable: words)
        );
        if (before.Unreachable is null)
            LogLost(log, subscription.InboundNode, words);
        if (!PostgresErrors.IsFromServer(error) && error is not RefusedException)
            LogDefect(log, subscription.InboundNode, error.GetType().Name, error);
    }
}
