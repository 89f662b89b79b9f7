using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Joining;

/// <summary>
/// What a joining node takes of Traktor's own tables from the source's snapshot: the other nodes, the accounts, the
/// audit log, and the contested keys. What the others change of these later is in their streams, which begin where the
/// snapshot ends; without the contested keys, a late change of one would win here and nowhere else.
/// </summary>
internal sealed class MeshRows(LocalNode local, Database source, string snapshot)
{
    private const string Contested =
        "schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete, heartbeat_seq, is_sent, is_unapplied, is_unsent, "
        + "decided";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Copies them in one transaction, in the place of what an earlier call copied. Npgsql's exceptions propagate.
    /// </summary>
    /// <exception cref="SnapshotLostException">The snapshot is gone.</exception>
    /// <exception cref="RefusedException">Unavailable: this node sends no heartbeats.</exception>
    public async Task CopyAsync(CancellationToken cancel)
    {
        await using var from = await SourceSession.OpenAsync(source, snapshot, cancel);
        await using var to = await CopySession.OpenAsync(local, 1, cancel);
        var next = await NextHeartbeatAsync(to.Connection, cancel);
        var self = local.NodeId.ToString(CultureInfo.InvariantCulture);
        var number = next.ToString(CultureInfo.InvariantCulture);
        await to.WriteAsync(
            async () =>
            {
                await to.Connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Joining/delete_mesh_rows.sql"),
                        new { self = local.NodeId },
                        cancellationToken: cancel
                    )
                );
                await PipeAsync(
                    "node_id, arbiter_url, server_version_num, incarnation, pre16_compatibility, announced, public_key, key_made_at",
                    "node"
                );
                await PipeAsync("node_id, kind, name, role, secret_hash, expires, is_removed, changed_at, changed_by", "account");
                await PipeAsync(
                    "node_id, incarnation, seq, at, request_seq, actor_kind, actor, role, address, channel, via_node, action, target, "
                        + "outcome, detail, state_before, state_after, previous_hash, hash",
                    "audit"
                );
                // Not sent by this node, whose row of it has no stamp: it is written once anything about the key
                // arrives.
                await TableCopy.PipeAsync(
                    from.Connection,
                    "copy (select schema_name, table_name, key, stamp_at, stamp_node, image, is_incomplete, "
                        + $"{number}::bigint, false, false, false, decided from trktr.contested_key) to stdout (format binary)",
                    to.Connection,
                    $"copy trktr.contested_key ({Contested}) from stdin (format binary)",
                    new BinaryRows(),
                    cancel
                );
            },
            cancel
        );
        // The triggers must not believe any more that nothing is contested. After the commit: convergence may have said
        // so a moment before.
        await to.Connection.ExecuteAsync(
            new CommandDefinition(
                "select setval('trktr.nothing_contested', 1, false) where exists (select from trktr.contested_key)",
                cancellationToken: cancel
            )
        );

        Task PipeAsync(string columns, string table) =>
            TableCopy.PipeAsync(
                from.Connection,
                $"copy (select {columns} from trktr.{table} where node_id <> {self}) to stdout (format binary)",
                to.Connection,
                $"copy trktr.{table} ({columns}) from stdin (format binary)",
                new BinaryRows(),
                cancel
            );
    }

    private static async Task<long> NextHeartbeatAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            if (
                await connection.ExecuteScalarAsync<long?>(
                    new CommandDefinition(
                        "select b.seq + 1 from trktr.heartbeat b join trktr.identity i on i.node_id = b.node_id",
                        cancellationToken: cancel
                    )
                ) is
                { } next
            )
                return next;
            if (DateTime.UtcNow > deadline)
                throw RefusedException.Unavailable("This node's arbiter sends no heartbeats.");
            await Task.Delay(100, cancel);
        }
    }
}
