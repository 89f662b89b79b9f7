using System.Data;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Convergence.Restoring;

/// <summary>
/// Writes decided versions to rows, each under its own stamp and origin, so that no node takes it for a new version and
/// it is not replicated again. A commit timestamp belongs to a transaction, so each stamp has its own, many in one
/// round trip. A row that was changed since the decision is left alone and decided again.
/// </summary>
internal sealed class RowRestorer(ConvergenceSession session, int self)
{
    private const string ReadOrigins =
        "select coalesce(array_agg(o.origin), '{}') as origins, coalesce(array_agg(o.node), '{}') as nodes from (select "
        + "roident::integer as origin, trktr.node_of(roident) as node from pg_replication_origin) o where o.node is not null";

    private const string IfWritten =
        $"where schema_name = $1 and table_name = $2 and key = $3 and current_setting('{SessionSettings.RowsWritten}', true) = '1'";
    private const string Written =
        $"update trktr.contested_key set is_unapplied = false, replaces_at = null, replaces_node = null {IfWritten}";

    /// <summary>One statement: each costs as much again as its work.</summary>
    private static readonly string WrittenAndRecorded =
        $"with n as ({Written}) "
        + SqlFile
            .Read("Convergence/ContestedKeys/record_losses.sql")
            .Replace("@losses", "$4", StringComparison.Ordinal)
            .Replace("@written", "true", StringComparison.Ordinal);

    private const string TakenAway =
        $"update trktr.contested_key set is_unsent = true, replaces_at = null, replaces_node = null {IfWritten}";

    private (int[] Numbers, int[] Nodes) origins = ([], []);

    /// <summary>
    /// Writes the rows. Those that cannot be written now stay unapplied and are returned with their errors. Npgsql's
    /// exceptions propagate.
    /// </summary>
    public async Task<IReadOnlyList<(UnappliedRow Row, PostgresException Error)>> WriteAsync(
        IReadOnlyList<UnappliedRow> rows,
        CancellationToken cancel
    )
    {
        var refused = new List<(UnappliedRow, PostgresException)>();
        await ReadOriginsAsync(cancel);
        // Deletions first: they make room for other rows.
        foreach (var node in rows.OrderBy(row => !row.Entry.Version.IsTombstone).GroupBy(row => row.Entry.Version.Stamp.Node))
        {
            await UnderOriginAsync(
                node.Key,
                async () =>
                {
                    var all = node.GroupBy(row => row.Entry.Version.Stamp).ToList();
                    if (await TryAsync(all, cancel) is null)
                        return;
                    // The batch has waited for locks once: do not wait again for each of a hundred rows that an
                    // application holds.
                    foreach (var row in node)
                        if (
                            await TryAsync([.. new[] { row }.GroupBy(one => one.Entry.Version.Stamp)], cancel, isWaiting: false) is
                            { } error
                        )
                            refused.Add((row, error));
                },
                cancel
            );
        }

        return refused;
    }

    /// <summary>
    /// Deletes rows that block others and will be rewritten anyway. A change that arrives for such a row in the
    /// meantime finds no row and is dropped; therefore the row is announced once more after it is rewritten, and a node
    /// with a later version answers.
    /// </summary>
    public async Task TakeAwayAsync(IReadOnlyList<UnappliedRow> rows, CancellationToken cancel)
    {
        await ReadOriginsAsync(cancel);
        foreach (var node in rows.GroupBy(row => row.Entry.Version.Stamp.Node))
            await UnderOriginAsync(
                node.Key,
                async () =>
                {
                    foreach (var stamp in node.GroupBy(row => row.Entry.Version.Stamp))
                        await TryAsync([stamp], cancel, isTakenAway: true);
                },
                cancel
            );
    }

    /// <summary>Deletes winners. Runs under an origin, so that the deletion is not replicated.</summary>
    public Task ClearAsync(IReadOnlyList<KnownKeys.Winner> winners, CancellationToken cancel) =>
        UnderOriginAsync(
            self,
            () =>
                Applying.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Convergence/Restoring/delete_winners.sql"),
                        new
                        {
                            node = self,
                            nodes = winners.Select(winner => winner.Node).ToArray(),
                            numbers = winners.Select(winner => winner.Seq).ToArray(),
                        },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    private NpgsqlConnection Applying => session.Applying;

    /// <summary>
    /// Reads the nodes of all replication origins once for many rows: <c>trktr.node_of</c> takes a good part of a row's
    /// transaction.
    /// </summary>
    private async Task ReadOriginsAsync(CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(ReadOrigins, Applying);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        origins = (await reader.GetFieldValueAsync<int[]>(0, cancel), await reader.GetFieldValueAsync<int[]>(1, cancel));
    }

    private async Task UnderOriginAsync(int node, Func<Task> write, CancellationToken cancel)
    {
        if (session.Origins.Add(node))
            await NodeOrigin.EnsureAsync(Applying, node, cancel);
        await NodeOrigin.UseAsync(Applying, node, write, cancel);
    }

    private async Task<PostgresException?> TryAsync(
        IReadOnlyList<IGrouping<Conflicts.Stamp, UnappliedRow>> stamps,
        CancellationToken cancel,
        bool isTakenAway = false,
        bool isWaiting = true
    )
    {
        await using var batch = new NpgsqlBatch(Applying);
        foreach (var stamp in stamps)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("begin"));
            foreach (var row in stamp)
            {
                var write = Write(row, isTakenAway ? null : row.Entry.Version.Image);
                var commands = await session.ApplyingOwners.CommandsAsync(
                    row.Table.Target.OtherOwner,
                    write,
                    ConvergedTable.WrittenColumns,
                    cancel
                );
                foreach (var command in isWaiting ? commands : LockTimeouts.Briefly(commands))
                    batch.BatchCommands.Add(command);
                batch.BatchCommands.Add(Note(row, isTakenAway));
            }

            batch.BatchCommands.Add(NodeOrigin.Stamp(stamp.Key.Committed.UtcDateTime));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancel);
            return null;
        }
        catch (PostgresException e) when (Applying.State == ConnectionState.Open)
        {
            await Applying.ExecuteAsync(new CommandDefinition("rollback", cancellationToken: cancel));
            return e;
        }
    }

    /// <summary>What is stored about the key when its row is written, and the record of what lost by that.</summary>
    private NpgsqlBatchCommand Note(UnappliedRow row, bool isTakenAway)
    {
        var loss = isTakenAway ? null : row.Loss;
        var command = new NpgsqlBatchCommand(
            isTakenAway ? TakenAway
            : loss is null ? Written
            : WrittenAndRecorded
        );
        Text(command, row.Name.Table.Schema);
        Text(command, row.Name.Table.Name);
        Text(command, row.Name.Key);
        if (loss is not null)
        {
            var losses = new LossRecord(self);
            losses.Add(row.Table, row.Name.Key, loss);
            Text(command, losses.Json);
        }

        return command;
    }

    private NpgsqlBatchCommand Write(UnappliedRow row, string? image)
    {
        var command = new NpgsqlBatchCommand(row.Table.Write(image, row.Entry.Replaces is null));
        Text(command, row.Name.Key);
        Text(command, image);
        Time(command, row.Entry.Replaces?.Committed);
        command.Parameters.Add(
            new NpgsqlParameter { Value = row.Entry.Replaces?.Node ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer }
        );
        command.Parameters.Add(new NpgsqlParameter { Value = self, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = origins.Numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = origins.Nodes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        return command;
    }

    private static void Text(NpgsqlBatchCommand command, string? value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    private static void Time(NpgsqlBatchCommand command, DateTimeOffset? value) =>
        command.Parameters.Add(
            new NpgsqlParameter { Value = value?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz }
        );
}
