using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.NodeKeys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Subscriptions.Workers;

/// <summary>
/// The loop beside one subscription: keeps a session on the peer, observes the link and the slot, and keeps the
/// subscription equal to what the peer publishes. It waits only for its own peer; other peers have their own workers.
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
    private int requests;

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

    /// <summary>The connection string of this worker; another one needs another worker.</summary>
    public string ConnectionString { get; }

    /// <summary>The last observation of the peer.</summary>
    public PeerObservation Observation => Volatile.Read(ref observation);

    /// <summary>Completes with the first full check, or with the first failure to connect to the peer.</summary>
    public Task FirstCheck => firstCheck.Task;

    /// <summary>
    /// Passes the current catalog entry to the worker, which checks at once if the change affects what it may do.
    /// </summary>
    public void Update(CatalogSubscription now)
    {
        var before = Interlocked.Exchange(ref subscription, now);
        if (before.IsEnabled != now.IsEnabled || before.PausedAt != now.PausedAt)
            RequestLook();
    }

    /// <summary>Requests a check now.</summary>
    public void RequestLook() => Interlocked.Increment(ref requests);

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
        var seenRequests = -1;
        while (!cancel.IsCancellationRequested)
        {
            var now = Volatile.Read(ref subscription);
            var seen = await PeerObservation.AskAsync(peer, local.NodeId, now, time, cancel);
            if (isNotified || seenRequests != Volatile.Read(ref requests) || time.GetUtcNow() >= nextFullCheck)
            {
                isNotified = false;
                seenRequests = Volatile.Read(ref requests);
                var (isOpening, problem) = seen.Broken is null ? await RefreshAsync(peer, now, cancel) : (false, null);
                seen = seen with
                {
                    Findings = problem,
                    Policies = seen.Broken is null ? await PeerPolicies.ReadAsync(peer, cancel) : null,
                    Resync = seen.Broken is null ? await PeerResync.ReadAsync(peer, local.NodeId, cancel) : null,
                };
                nextFullCheck = time.GetUtcNow() + (isOpening || problem is not null ? LookEvery : checkInterval);
            }
            else
            {
                seen = seen with { Findings = observation.Findings, Policies = observation.Policies, Resync = observation.Resync };
            }

            Saw(seen with { CatchUpMs = LagEstimate.CatchUpMs(observation, seen) });
            connected();
            firstCheck.TrySetResult();
            await WaitAsync(peer, () => isNotified || seenRequests != Volatile.Read(ref requests), cancel);
        }
    }

    /// <summary>Does not count a failure of this node's own server as the peer's; the next check tries again.</summary>
    private async Task<(bool IsOpening, string? Problem)> RefreshAsync(
        NpgsqlConnection peer,
        CatalogSubscription now,
        CancellationToken cancel
    )
    {
        NpgsqlConnection own;
        NodeIdentity self;
        try
        {
            (own, self) = await local.OpenIdentifiedAsync(cancel);
        }
        catch (RefusedException)
        {
            return (true, null);
        }

        await using (own)
        {
            await KeyRegistration.RegisterAsync(own, peer, self, cancel);
            // Reads the catalog again: an answer to the peer must not rely on a subscription that has been paused in
            // the meantime.
            var fresh = await SubscriptionCatalog.FindAsync(own, local.NodeId, now.InboundNode, cancel);
            // A refresh needs an enabled subscription: it is done after the heal.
            if (fresh is { HealingState: "healing", IsEnabled: false })
                return (true, null);
            return fresh is { HasSlot: true } ? await PublicationRefresh.RunAsync(own, peer, local.NodeId, fresh, cancel) : (false, null);
        }
    }

    private static async Task WaitAsync(NpgsqlConnection peer, Func<bool> isRequested, CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; waited < LookEvery && !isRequested(); waited += Slice)
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
