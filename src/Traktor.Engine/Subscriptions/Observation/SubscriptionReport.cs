using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>Derives a subscription's state from the catalog and from the worker's observation.</summary>
public static class SubscriptionReport
{
    /// <summary>How long an observation of a peer counts as current; the peer is asked every second.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(4);

    private const string NoWorker =
        "The server cannot start an apply worker for it: as many run as max_logical_replication_workers allows. Raise it, and "
        + "max_worker_processes with it, and restart the server.";

    /// <param name="node">This node.</param>
    /// <param name="subscription">The subscription in this node's catalog.</param>
    /// <param name="seen">The last observation of the peer.</param>
    /// <param name="isFailing">Whether the server recently counted apply failures.</param>
    /// <param name="ownClockOffsetMs">This server's clock minus the arbiter's, in milliseconds.</param>
    /// <param name="now">The arbiter's clock.</param>
    public static SubscriptionStatus Of(
        int node,
        CatalogSubscription subscription,
        PeerObservation seen,
        bool isFailing,
        double ownClockOffsetMs,
        DateTimeOffset now
    )
    {
        var (state, error) = StateOf(node, subscription, seen, isFailing);
        // A peer that hangs may not be known as unreachable yet, but its lag is unknown.
        var isFresh = seen.LastContactAt is { } contact && now - contact < Freshness;
        var isRunning = isFresh && state is (SubscriptionState.Streaming or SubscriptionState.CatchingUp or SubscriptionState.Healing);
        return new SubscriptionStatus(
            subscription.InboundNode,
            ObjectNames.Subscription(node, subscription.InboundNode),
            state,
            Masked(subscription.ConnectionString),
            LagEstimate.LagMs(subscription.Heartbeat, seen.Sent, isFresh && seen.Unreachable is null, isRunning, seen.LagMs) is { } lag
                ? Math.Round(lag, 3)
                : null,
            isFresh ? seen.LagBytes : null,
            isFresh ? seen.RetainedBytes : null,
            seen.LastContactAt,
            error ?? seen.Warning ?? seen.Findings,
            subscription.PausedAt,
            seen.ClockOffsetMs is { } offset ? Math.Round(offset - ownClockOffsetMs, 3) : null,
            subscription.Tables
        )
        {
            LastHeartbeat = subscription.Heartbeat?.ReceivedAt,
            WaitsFor =
                state != SubscriptionState.Stopped ? null
                : subscription is { IsEnabled: false, HealingState: "awaiting" } ? SubscriptionWait.Decision
                : SubscriptionWait.ApplyError,
            CatchUpMs = isRunning ? seen.CatchUpMs : null,
        };
    }

    /// <summary>The state, and what is wrong, in a sentence that says what to do.</summary>
    public static (SubscriptionState State, string? Error) StateOf(
        int node,
        CatalogSubscription subscription,
        PeerObservation seen,
        bool isFailing
    )
    {
        var peer = subscription.InboundNode;
        if (!subscription.HasSlot)
            return (SubscriptionState.Broken, "It was dropped only in part: drop it again.");
        if (subscription.Gap is { } gap)
            return (SubscriptionState.Broken, GapWords.Of(peer, node, gap));
        if (!subscription.IsEnabled)
            return subscription switch
            {
                { PausedAt: not null } => (SubscriptionState.Paused, null),
                { HealingState: "healing" } => (SubscriptionState.Healing, null),
                { HealingState: not null } => (SubscriptionState.Stopped, subscription.HealingNote),
                _ => (SubscriptionState.Disabled, "An operator disabled it with an SQL statement. POST …/resume enables it."),
            };
        if (seen.Broken is not null)
            return (SubscriptionState.Broken, seen.Broken);
        if (seen.Unreachable is not null)
            return (SubscriptionState.Unreachable, $"Node {peer} cannot be reached: {seen.Unreachable}. PostgreSQL reconnects by itself.");
        if (isFailing)
            return (SubscriptionState.Stopped, $"A transaction of node {peer} cannot be applied; the arbiter is examining it.");
        if (subscription.LacksWorker && !seen.IsActive)
            return (SubscriptionState.CatchingUp, NoWorker);
        return (
            seen.LastContactAt is null || seen.IsCatchingUp || !seen.IsActive ? SubscriptionState.CatchingUp : SubscriptionState.Streaming,
            null
        );
    }

    private static string Masked(string connectionString)
    {
        try
        {
            return Conninfo.Parse(connectionString).ToString();
        }
        catch (RefusedException)
        {
            return Secrets.Redact(connectionString);
        }
    }
}
