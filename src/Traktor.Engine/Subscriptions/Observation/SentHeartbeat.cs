using Dapper;
using Npgsql;

namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>The last heartbeat that a peer's arbiter has sent, as stored in the peer's database.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Clock">The peer's clock when it was sent.</param>
/// <param name="Now">The peer's clock when it answered.</param>
public sealed record SentHeartbeat(long Seq, DateTimeOffset Clock, DateTimeOffset Now)
{
    /// <summary>
    /// Asks the peer, whose table must exist. Null when it has not sent any yet. Npgsql's exceptions propagate.
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
