using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Nodes;

/// <summary>
/// <c>trktr.node</c>: the nodes of the mesh and the addresses of their arbiters. Each node writes its own row, and
/// replication sends it to the others.
/// </summary>
public static class NodeDirectory
{
    /// <summary>
    /// Announces this node to the mesh; called whenever a new peer has begun to receive, because it has not received
    /// the earlier row. The row is deleted and inserted, not updated: a peer without it applies the insert, a peer with
    /// it applies the delete first.
    /// </summary>
    public static async Task AnnounceAsync(NpgsqlConnection connection, LocalNode local, Uri arbiterUrl, CancellationToken cancel)
    {
        var node = local.NodeId;
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.identity set pre16_compatibility = @setting where pre16_compatibility <> @setting",
                new { setting = local.Pre16Compatibility },
                transaction,
                cancellationToken: cancel
            )
        );
        await connection.ExecuteAsync(
            new CommandDefinition("delete from trktr.node where node_id = @node", new { node }, transaction, cancellationToken: cancel)
        );
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Nodes/insert_node.sql"),
                new { node, url = arbiterUrl.ToString() },
                transaction,
                cancellationToken: cancel
            )
        );
        await transaction.CommitAsync(cancel);
    }

    public static async Task<IReadOnlyList<KnownNode>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(SqlFile.Read("Nodes/read_nodes.sql"), cancellationToken: cancel));
        return
        [
            .. rows.Select(row => new KnownNode(
                row.NodeId,
                row.IsSelf,
                row.ArbiterUrl,
                row.ServerVersionNum,
                new DateTimeOffset(row.Announced),
                row.Pre16Compatibility
            )),
        ];
    }

    private sealed record Row(
        int NodeId,
        bool IsSelf,
        string ArbiterUrl,
        int ServerVersionNum,
        DateTime Announced,
        bool Pre16Compatibility
    );
}
