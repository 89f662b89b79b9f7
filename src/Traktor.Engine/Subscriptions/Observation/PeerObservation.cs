using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>What the worker of a subscription last saw of its peer.</summary>
/// <param name="LastContactAt">When the peer last answered; null when never.</param>
/// <param name="Unreachable">Why the peer cannot be reached, in words; null when it can.</param>
/// <param name="Broken">Why the peer is not what it should be, in a sentence; null when it is.</param>
/// <param name="IsActive">Whether our slot there is in use.</param>
/// <param name="IsCatchingUp">Whether the peer's walsender is still sending what had gathered.</param>
/// <param name="LagMs">Milliseconds behind; null when not known.</param>
/// <param name="LagBytes">Bytes of WAL not confirmed; null when not known.</param>
/// <param name="RetainedBytes">Bytes of WAL kept for us; null when not known.</param>
/// <param name="ConfirmedBytes">WAL position that is confirmed, in bytes; null when not known.</param>
/// <param name="Sent">The peer's own last heartbeat; null when it sends none.</param>
/// <param name="CatchUpMs">Milliseconds until all is confirmed at the rate of late; null when that cannot be told.</param>
/// <param name="ClockOffsetMs">The peer's clock minus the arbiter's, milliseconds; null when not known.</param>
/// <param name="Findings">What cannot be received, in a sentence; null when all is received.</param>
/// <param name="Policies">How the peer decides conflicts; null when not known.</param>
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
    /// <summary>Asks the peer. Throws what Npgsql throws.</summary>
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

        var heard = time.GetUtcNow();
        var seen = new PeerObservation(LastContactAt: heard);
        if (row is null)
            return seen with
            {
                Broken = $"Node {inbound} is not initialised any more: end this subscription, or initialise that node and subscribe anew.",
            };
        if (row.NodeId != inbound || (subscription.PeerIncarnation is { } made && made != row.Incarnation))
            return seen with
            {
                Broken =
                    $"The connection string leads to another database than the one that was node {inbound} (it is node "
                    + $"{row.NodeId} now): end this subscription and subscribe anew.",
            };
        if (!row.HasSlot)
            return seen with
            {
                Broken =
                    $"Slot {slot} is gone from node {inbound}, and with it the changes since: end this subscription, subscribe "
                    + $"anew, and compare the tables.",
            };
        if (row.WalStatus == "lost")
            return seen with
            {
                Broken =
                    $"Node {inbound} has thrown away WAL that this subscription still needed (max_slot_wal_keep_size): end it, "
                    + $"subscribe anew, and compare the tables.",
            };

        var middle = asked + ((heard - asked) / 2);
        var running = row.SenderState is not null;
        return seen with
        {
            IsActive = row.IsActive,
            IsCatchingUp = row.SenderState is "catchup" or "startup",
            LagBytes = row.LagBytes,
            RetainedBytes = row.RetainedBytes,
            ConfirmedBytes = row.ConfirmedBytes,
            Sent = row.SendsHeartbeats ? await SentHeartbeat.ReadAsync(peer, inbound, cancel) : null,
            // PostgreSQL clears replay_lag some seconds after everything was replayed: streaming without a figure is no lag.
            LagMs = running ? row.ReplayLagMs ?? 0 : null,
            ClockOffsetMs = (new DateTimeOffset(row.Clock) - middle).TotalMilliseconds,
        };
    }

    private sealed record Row(
        int NodeId,
        Guid Incarnation,
        DateTime Clock,
        bool HasSlot,
        bool IsActive,
        string? WalStatus,
        long? LagBytes,
        long? RetainedBytes,
        long? ConfirmedBytes,
        bool SendsHeartbeats,
        string? SenderState,
        double? ReplayLagMs
    );
}
