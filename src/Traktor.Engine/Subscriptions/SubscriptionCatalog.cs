using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Subscriptions;

/// <summary>A subscription in the server's catalog.</summary>
/// <param name="Oid">Its oid; its replication origin is named after it.</param>
/// <param name="InboundNode">The peer that it receives from.</param>
/// <param name="IsEnabled">Whether the server runs an apply worker for it.</param>
/// <param name="ConnectionString">The peer's connection string, with secrets.</param>
/// <param name="HasSlot">Whether it still has its slot; false while it is being dropped.</param>
/// <param name="ApplyErrors">The server's <c>apply_error_count</c>. It starts again at 0 after a crash.</param>
/// <param name="PausedAt">When an operator paused it through the arbiter.</param>
/// <param name="HealingState">healing, awaiting or stuck while the arbiter keeps it disabled; otherwise null.</param>
/// <param name="HealingNote">Why it waits and what to do, in words; null when it does not wait.</param>
/// <param name="IsFiltered">Whether the peer may forward transactions, so that only those with its own mark are
/// taken.</param>
/// <param name="PeerIncarnation">The incarnation of the node that it was created for; null when the arbiter did not
/// create it.</param>
/// <param name="Tables">Number of user tables in it.</param>
/// <param name="Heartbeat">The peer's last heartbeat applied on this node; null when there is none.</param>
public sealed record CatalogSubscription(
    uint Oid,
    int InboundNode,
    bool IsEnabled,
    string ConnectionString,
    bool HasSlot,
    long ApplyErrors,
    DateTimeOffset? PausedAt,
    string? HealingState,
    string? HealingNote,
    bool IsFiltered,
    Guid? PeerIncarnation,
    int Tables,
    AppliedHeartbeat? Heartbeat = null
)
{
    /// <summary>
    /// Whether the server can start no apply worker for it, because as many run as
    /// <c>max_logical_replication_workers</c> allows.
    /// </summary>
    public bool LacksWorker { get; init; }

    /// <summary>
    /// The end of the last transaction of the peer that was applied here, as a number of bytes of its WAL; null when
    /// there was none.
    /// </summary>
    public long? ReceivedBytes { get; init; }

    /// <summary>The first gap in the peer's stream; null when there was none.</summary>
    public StreamGap? Gap { get; init; }

    /// <summary>
    /// The options that somebody else has changed, as they have to be: the list of <c>ALTER SUBSCRIPTION … SET</c>;
    /// null when there are none.
    /// </summary>
    public string? ChangedOptions { get; init; }

    /// <summary>Whether the server disables it at the next error, which it never does as Traktor makes it.</summary>
    public bool IsDisabledOnError { get; init; }
}

/// <summary>A gap in a peer's stream: after a heartbeat came another one than the next.</summary>
/// <param name="From">The number of the last heartbeat before it.</param>
/// <param name="To">The number of the one that came.</param>
/// <param name="At">When it came.</param>
public sealed record StreamGap(long From, long To, DateTimeOffset At)
{
    /// <summary>Whether the peer has gone back to an earlier state; else the peer's changes are missing here.</summary>
    public bool IsBack => To <= From;
}

/// <summary>A peer's heartbeat that was applied on this node.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Clock">The peer's clock when it was sent.</param>
/// <param name="ReceivedAt">This server's clock when it was applied.</param>
/// <param name="AgeMs">Milliseconds since then.</param>
public sealed record AppliedHeartbeat(long Seq, DateTimeOffset Clock, DateTimeOffset ReceivedAt, double AgeMs);

/// <summary>Reads <c>pg_subscription</c>.</summary>
public static class SubscriptionCatalog
{
    /// <summary>This node's subscriptions by peer.</summary>
    public static async Task<IReadOnlyList<CatalogSubscription>> ReadAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(SqlFile.Read("Subscriptions/read_subscriptions.sql"), new { node }, cancellationToken: cancel)
        );
        return
        [
            .. from row in rows
            let inbound = ObjectNames.ParseSubscription(row.Name)?.Inbound
            where inbound is not null
            orderby inbound
            select new CatalogSubscription(
                row.Oid,
                inbound.Value,
                row.IsEnabled,
                row.ConnectionString,
                row.SlotName is not null,
                row.ApplyErrors,
                row.PausedAt is { } at ? new DateTimeOffset(at) : null,
                row.HealingState,
                row.HealingNote,
                row.IsFiltered,
                row.Incarnation,
                row.Tables,
                row.HeartbeatSeq is { } seq
                    ? new AppliedHeartbeat(
                        seq,
                        new DateTimeOffset(row.HeartbeatClock!.Value),
                        new DateTimeOffset(row.HeartbeatReceivedAt!.Value),
                        row.HeartbeatAgeMs!.Value
                    )
                    : null
            )
            {
                LacksWorker = row.LacksWorker,
                ReceivedBytes = row.ReceivedBytes,
                ChangedOptions = row.ChangedOptions,
                IsDisabledOnError = row.IsDisabledOnError,
                Gap = row.GapAt is { } gapAt ? new StreamGap(row.GapFrom!.Value, row.GapTo!.Value, new DateTimeOffset(gapAt)) : null,
            },
        ];
    }

    public static async Task<CatalogSubscription?> FindAsync(
        NpgsqlConnection connection,
        int node,
        int inbound,
        CancellationToken cancel
    ) => (await ReadAsync(connection, node, cancel)).FirstOrDefault(subscription => subscription.InboundNode == inbound);

    private sealed record Row(
        uint Oid,
        string Name,
        bool IsEnabled,
        string ConnectionString,
        string? SlotName,
        long ApplyErrors,
        DateTime? PausedAt,
        string? HealingState,
        string? HealingNote,
        Guid? Incarnation,
        bool IsFiltered,
        long? HeartbeatSeq,
        DateTime? HeartbeatClock,
        DateTime? HeartbeatReceivedAt,
        double? HeartbeatAgeMs,
        long? GapFrom,
        long? GapTo,
        DateTime? GapAt,
        long? ReceivedBytes,
        int Tables,
        bool LacksWorker,
        bool IsDisabledOnError,
        string? ChangedOptions
    );
}
