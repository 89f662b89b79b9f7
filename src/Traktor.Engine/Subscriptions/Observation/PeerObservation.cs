using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>What a subscription's worker last observed of the peer.</summary>
/// <param name="LastContactAt">When the peer last answered; null when it never did.</param>
/// <param name="Unreachable">Why the peer is unreachable, in words; null when it is reachable.</param>
/// <param name="Broken">Why the subscription cannot work with this peer, in a sentence; null when it can.</param>
/// <param name="IsActive">Whether the subscription's slot is in use.</param>
/// <param name="IsCatchingUp">Whether the peer's walsender is still sending a backlog.</param>
/// <param name="LagMs">The lag in milliseconds; null when not known.</param>
/// <param name="LagBytes">Bytes of WAL not confirmed; null when not known.</param>
/// <param name="RetainedBytes">Bytes of WAL kept for this node; null when not known.</param>
/// <param name="ConfirmedBytes">The confirmed WAL position, in bytes; null when not known.</param>
/// <param name="Sent">The last heartbeat that the peer sent; null when it sends none.</param>
/// <param name="CatchUpMs">Milliseconds until everything is confirmed, at the recent rate; null when not known.</param>
/// <param name="ClockOffsetMs">The peer's clock minus the arbiter's, in milliseconds; null when not known.</param>
/// <param name="Findings">What cannot be received, in a sentence; null when everything is received.</param>
/// <param name="Policies">The peer's policies; null when not known.</param>
public sealed record PeerObservation(
    DateTimeOffset? LastContactAt = null,
    string? Unreachable = null,
    string? Broken = null,
    bool IsActive = false,
    bool IsCatchingUp = false,
    double? LagMs = null,
    long? LagBytes = null,
    long? RetainedBytes = null,
    long? ConfirmedBytes = null,
    SentHeartbeat? Sent = null,
    double? CatchUpMs = null,
    double? ClockOffsetMs = null,
    string? Findings = null,
    PeerPolicies? Policies = null
)
{
    /// <summary>Tables of which this node may lack rows of the peer; null when not known.</summary>
    public IReadOnlyList<PeerResync>? Resync { get; init; }

    /// <summary>What will end the subscription if nothing is done, in sentences; null when nothing will.</summary>
    public string? Warning { get; init; }

    /// <summary>Observes the peer. Npgsql's exceptions propagate.</summary>
    public static async Task<PeerObservation> AskAsync(
        NpgsqlConnection peer,
        int local,
        CatalogSubscription subscription,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var inbound = subscription.InboundNode;
        var slot = ObjectNames.Subscription(local, inbound);
        var asked = time.GetUtcNow();
        Row? row;
        try
        {
            row = await peer.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(SqlFile.Read("Subscriptions/Observation/observe_peer.sql"), new { slot }, cancellationToken: cancel)
            );
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            row = null;
        }

        var answered = time.GetUtcNow();
        var seen = new PeerObservation(LastContactAt: answered);
        if (row is null)
            return seen with
            {
                Broken = $"Node {inbound} is no longer initialised: drop this subscription, or initialise the node and subscribe again.",
            };
        if (row.NodeId != inbound || (subscription.PeerIncarnation is { } made && made != row.Incarnation))
            return seen with
            {
                Broken =
                    $"The connection string leads to another database than the one that was node {inbound} (it is now node "
                    + $"{row.NodeId}): drop this subscription and subscribe again.",
            };
        if (!row.HasSlot)
            return seen with
            {
                Broken =
                    $"Slot {slot} no longer exists on node {inbound}, and the changes since are lost: subscribe anew "
                    + $"(POST /v1/arbiter/subscription/{inbound}/renew), and compare the tables.",
            };
        if (row.WalStatus == "lost")
            return seen with
            {
                Broken =
                    $"Node {inbound} has {WhyLost(row.InvalidationReason)}: subscribe anew "
                    + $"(POST /v1/arbiter/subscription/{inbound}/renew), and compare the tables.",
            };

        // What was applied here was read before the peer was asked: it cannot be ahead of a peer that is what it was.
        if (subscription.ReceivedBytes > row.WrittenBytes)
            return seen with { Broken = GapWords.Ahead(inbound, local) };

        var middle = asked + ((answered - asked) / 2);
        var running = row.SenderState is not null;
        return seen with
        {
            IsActive = row.IsActive,
            IsCatchingUp = row.SenderState is "catchup" or "startup",
            LagBytes = row.LagBytes,
            RetainedBytes = row.RetainedBytes,
            ConfirmedBytes = row.ConfirmedBytes,
            Sent = row.SendsHeartbeats ? await SentHeartbeat.ReadAsync(peer, inbound, cancel) : null,
            // PostgreSQL clears replay_lag some seconds after everything was replayed: streaming without a value means
            // no lag.
            LagMs = running ? row.ReplayLagMs ?? 0 : null,
            Warning = row is { IdleLimitSeconds: { } limit, IdleSeconds: { } idle } ? WhatEnds(inbound, limit, idle) : null,
            ClockOffsetMs = (new DateTimeOffset(row.Clock) - middle).TotalMilliseconds,
        };
    }

    private static string WhyLost(string? reason) =>
        reason switch
        {
            "idle_timeout" => "invalidated this subscription's slot, which was unused for idle_replication_slot_timeout",
            null or "wal_removed" => "removed WAL that this subscription still needed (max_slot_wal_keep_size)",
            _ => $"invalidated this subscription's slot ({reason})",
        };

    private static string WhatEnds(int inbound, double limit, double idle) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Node {inbound} invalidates a slot that is unused for {limit:0} s (idle_replication_slot_timeout), and the changes since are "
                + $"then lost. This subscription's slot is unused for {idle:0} s: let it run, or set the time-out to 0 on node {inbound}."
        );

    private sealed record Row(
        int NodeId,
        Guid Incarnation,
        DateTime Clock,
        bool HasSlot,
        bool IsActive,
        string? WalStatus,
        string? InvalidationReason,
        double? IdleSeconds,
        double? IdleLimitSeconds,
        long? LagBytes,
        long? RetainedBytes,
        long? ConfirmedBytes,
        long WrittenBytes,
        bool SendsHeartbeats,
        string? SenderState,
        double? ReplayLagMs
    );
}
