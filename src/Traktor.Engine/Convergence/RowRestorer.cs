using System.Data;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Applying;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>A key with what was decided of it, and its table.</summary>
/// <param name="Name">The key.</param>
/// <param name="Table">Its table.</param>
/// <param name="Entry">What was decided.</param>
/// <param name="Loss">What loses when the row is written; null when nothing does.</param>
internal sealed record UnappliedRow(KeyName Name, ConvergedTable Table, ContestedKey Entry, Loss? Loss = null);

/// <summary>
/// Brings rows to what was decided, each version under its own stamp and origin, so that nobody takes it for a new one
/// and it is not sent out again. A commit timestamp belongs to a transaction: each stamp has its own, many in one round
/// trip. A row that was changed since it was decided over is left alone and decided again.
/// </summary>
internal sealed class RowRestorer(ConvergenceSession session, int self)
{
    private const string IfWritten =
        "where schema_name = $1 and table_name = $2 and key = $3 and current_setting('trktr.written', true) = '1'";
    private const string Written =
        $"update trktr.contested_key set is_unapplied = false, replaces_at = null, replaces_node = null {IfWritten}";
    private const string TakenAway =
        $"update trktr.contested_key set is_unsent = true, replaces_at = null, replaces_node = null {IfWritten}";

    /// <summary>
    /// Writes them; those that cannot be written now stay unapplied, and are returned with the reason. Throws what Npgsql
    /// throws.
    /// </summary>
    public async Task<IReadOnlyList<(UnappliedRow Row, PostgresException Error)>> WriteAsync(
        IReadOnlyList<UnappliedRow> rows,
        CancellationToken cancel
    )
    {
        var refused = new List<(UnappliedRow, PostgresException)>();
        // Rows that go make room for rows that come.
        foreach (var node in rows.OrderBy(row => !row.Entry.Version.IsTombstone).GroupBy(row => row.Entry.Version.Stamp.Node))
        {
            await UnderOriginAsync(
                node.Key,
                async () =>
                {
                    var all = node.GroupBy(row => row.Entry.Version.Stamp).ToList();
                    if (await TryAsync(all, cancel) is null)
                        return;
                    // They have been waited for together: a hundred that an application holds must not be waited for one after the other.
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
    /// Takes rows away that are to be written anew and stand in others' way until then. Whatever arrives for them
    /// meanwhile meets no row and is dropped; so they are told once more when they are back, and whoever has a later
    /// version answers.
    /// </summary>
    public async Task TakeAwayAsync(IReadOnlyList<UnappliedRow> rows, CancellationToken cancel)
    {
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

    /// <summary>Removes winners: under an origin, since what is removed here must stay elsewhere.</summary>
    public Task ClearAsync(IReadOnlyList<KnownKeys.Said> winners, CancellationToken cancel) =>
        UnderOriginAsync(
            self,
            () =>
                Applying.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Convergence/delete_winners.sql"),
                        new
                        {
                            node = self,
                            nodes = winners.Select(said => said.Node).ToArray(),
                            numbers = winners.Select(said => said.Seq).ToArray(),
                        },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    private NpgsqlConnection Applying => session.Applying;

    private async Task UnderOriginAsync(int node, Func<Task> write, CancellationToken cancel)
    {
        if (session.Origins.Add(node))
            await NodeOrigin.EnsureAsync(Applying, node, cancel);
        await Applying.ExecuteAsync(
            new CommandDefinition(
                "select pg_replication_origin_session_setup(trktr.origin_name(@node))",
                new { node },
                cancellationToken: cancel
            )
        );
        try
        {
            await write();
        }
        finally
        {
            if (Applying.State == ConnectionState.Open)
                await Applying.ExecuteAsync(
                    new CommandDefinition("select pg_replication_origin_session_reset()", cancellationToken: CancellationToken.None)
                );
        }
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
            batch.BatchCommands.Add(ApplySql.Plain("begin"));
            if (!isWaiting)
                batch.BatchCommands.Add(ApplySql.Plain("set local lock_timeout = '50ms'"));
            foreach (var row in stamp)
            {
                foreach (var command in ApplySql.AsOwner(row.Table.Target, Write(row, isTakenAway ? null : row.Entry.Version.Image)))
                    batch.BatchCommands.Add(command);
                var note = new NpgsqlBatchCommand(isTakenAway ? TakenAway : Written);
                Text(note, row.Name.Table.Schema);
                Text(note, row.Name.Table.Name);
                Text(note, row.Name.Key);
                batch.BatchCommands.Add(note);
                if (row.Loss is { } loss && !isTakenAway)
                    batch.BatchCommands.Add(Record(row, loss));
            }

            var finish = new NpgsqlBatchCommand("select pg_replication_origin_xact_setup('0/1', $1)");
            Time(finish, stamp.Key.Committed);
            batch.BatchCommands.Add(finish);
            batch.BatchCommands.Add(ApplySql.Plain("commit"));
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

    private NpgsqlBatchCommand Record(UnappliedRow row, Loss loss)
    {
        var losses = new LossRecord(self);
        losses.Add(row.Name, row.Table.Target.Policy, loss);
        var command = new NpgsqlBatchCommand(SqlFile.Read("Convergence/record_losses.sql"));
        command.Parameters.Add(new NpgsqlParameter("losses", losses.Json));
        command.Parameters.Add(new NpgsqlParameter("written", true));
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
        return command;
    }

    private static void Text(NpgsqlBatchCommand command, string? value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    private static void Time(NpgsqlBatchCommand command, DateTimeOffset? value) =>
        command.Parameters.Add(
            new NpgsqlParameter { Value = value?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz }
        );
}
