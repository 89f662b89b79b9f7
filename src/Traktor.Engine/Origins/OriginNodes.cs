using Dapper;
using Npgsql;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Origins;

/// <summary>The node of each replication origin in this database.</summary>
/// <param name="Own">Number of the subscription's own origin (<c>roident</c>).</param>
/// <param name="Nodes">NodeID of each origin that local rows may carry.</param>
internal sealed record OriginNodes(uint Own, IReadOnlyDictionary<uint, int> Nodes)
{
    /// <summary>Reads the origins for one subscription. Npgsql's exceptions propagate.</summary>
    public static async Task<OriginNodes> ReadAsync(NpgsqlConnection connection, uint subscription, CancellationToken cancel)
    {
        const string Origins =
            "select o.roident::integer as origin, trktr.node_of(o.roident) as node from pg_catalog.pg_replication_origin o "
            + "where trktr.node_of(o.roident) is not null";
        var nodes = (
            await connection.QueryAsync<(int Origin, int Node)>(new CommandDefinition(Origins, cancellationToken: cancel))
        ).ToDictionary(row => (uint)row.Origin, row => row.Node);
        var own = await connection.ExecuteScalarAsync<int>(
            new CommandDefinition(
                "select roident::integer from pg_catalog.pg_replication_origin where roname = @name",
                new { name = ObjectNames.Origin(subscription) },
                cancellationToken: cancel
            )
        );
        return new OriginNodes((uint)own, nodes);
    }
}
