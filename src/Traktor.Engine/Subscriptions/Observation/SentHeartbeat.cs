using Dapper;
using Npgsql;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>The last heartbeat that a peer's arbiter has sent, as the peer's own database has it.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Clock">The peer's clock when it was sent.</param>
/// <param name="Now">The peer's clock when it was asked.</param>
public sealed record SentHeartbeat(long Seq, DateTimeOffset Clock, DateTimeOffset Now)
{
    /// <summary>
    /// Asks the peer; to be done only where the table is there. Null when it has sent none yet. Throws what Npgsql
    /// throws.
    /// </summary>
    public static async Task<SentHeartbeat?> ReadAsync(NpgsqlConnection peer, int node, CancellationToken cancel) =>
        await peer.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(
                "select seq, clock, clock_timestamp() as now from trktr.heartbeat where node_id = @node and clock > 'epoch'",
                new { node },
                cancellationToken: cancel
            )
        )
            is { } row
            ? new SentHeartbeat(row.Seq, new DateTimeOffset(row.Clock), new DateTimeOffset(row.Now))
            : null;

    private sealed record Row(long Seq, DateTime Clock, DateTime Now);
}
