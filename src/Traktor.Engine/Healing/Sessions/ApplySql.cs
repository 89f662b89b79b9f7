using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>The statements that apply the changes of a transaction.</summary>
internal static class ApplySql
{
    public static NpgsqlBatchCommand Plain(string sql) => new(sql);

    /// <summary>The statements of a run; on a table of another role they run with that role's rights.</summary>
    public static async ValueTask<IReadOnlyList<NpgsqlBatchCommand>> RowsAsync(
        ApplySession session,
        RowRun run,
        RemoteTransaction transaction,
        IReadOnlyList<RowChange> rows,
        IReadOnlyDictionary<int, string>? decisions,
        bool isRecorded,
        CancellationToken cancel
    )
    {
        var (target, isMany, isDecided) = (run.Shape.Relation.Target, rows.Count > 1, decisions is not null);
        if (target.IsForeignOwner)
        {
            session.Owners.Require(target.OtherOwner);
            return
            [
                Bound(await session.Prepared.OwnersStatementForAsync(run.Shape, isMany, isDecided, isRecorded, cancel)),
                session.Owners.Check(),
            ];
        }

        var commands = new List<NpgsqlBatchCommand>();
        foreach (var statement in session.Prepared.StatementsFor(run.Shape, isMany, isDecided))
        {
            if (!statement.WritesTable && !isRecorded)
                continue;
            if (statement.Healing is { } healing)
                commands.Add(Records(healing));
            commands.Add(Bound(statement.Sql));
        }

        return commands;

        NpgsqlBatchCommand Bound(string sql)
        {
            var command = new NpgsqlBatchCommand(sql);
            run.Bind(transaction, rows, decisions, command.Parameters);
            return command;
        }
    }

    /// <summary>
    /// The statements of a run without decisions, as a call of the function prepared for its shape where there is one.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="run">The run.</param>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="rows">Some or all of its changes.</param>
    /// <param name="end">The position after the transaction, if the function is to move the progress too.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <returns>The commands, and whether they move the progress.</returns>
    public static async ValueTask<(IEnumerable<NpgsqlBatchCommand> Commands, bool MovesProgress)> RowsAsync(
        ApplySession session,
        RowRun run,
        RemoteTransaction transaction,
        IReadOnlyList<RowChange> rows,
        NpgsqlLogSequenceNumber? end,
        CancellationToken cancel
    )
    {
        if (await session.Prepared.ProcedureForAsync(run.Shape, rows.Count > 1, cancel) is not { } call)
            return (await RowsAsync(session, run, transaction, rows, decisions: null, isRecorded: true, cancel), false);
        session.Owners.Require(run.Shape.Relation.Target.OtherOwner);
        var command = new NpgsqlBatchCommand(call);
        run.Bind(transaction, rows, null, command.Parameters, isTyped: true);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)end ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.PgLsn });
        if (run.Shape.Relation.Target.IsForeignOwner)
            command.Parameters.Add(session.Owners.SettingsParameter());
        return ([command], end is not null);
    }

    /// <summary>
    /// Conflicts that a command recorded: the rows it inserted into the history, or the rows that the function
    /// returned.
    /// </summary>
    public static int ConflictsOf(NpgsqlBatchCommand command) =>
        RowProcedure.IsCall(command.CommandText) || command.CommandText.Contains("insert into trktr.history", StringComparison.Ordinal)
            ? (int)command.Rows
            : 0;

    /// <summary>TRUNCATE of those of its tables that are subscribed here (<c>trktr.truncate_tables</c>).</summary>
    public static async Task<IReadOnlyList<NpgsqlBatchCommand>> TruncateAsync(
        ApplySession session,
        Truncation truncation,
        CancellationToken cancel
    )
    {
        var names = new List<string>();
        foreach (var relation in truncation.Relations)
            if (await session.Tables.MapAsync(relation, cancel) is { } mapped)
            {
                session.Owners.Require(mapped.Target.OtherOwner);
                names.Add(mapped.Target.Table.Quoted);
            }

        if (names.Count == 0)
            return [];
        var command = new NpgsqlBatchCommand("select trktr.truncate_tables($1::text[]::regclass[], $2)");
        command.Parameters.Add(
            new NpgsqlParameter<string[]> { TypedValue = [.. names], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
        );
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = truncation.RestartsIdentity });
        return [command];
    }

    /// <summary>Says what is recorded of the rows that the next statement overwrites.</summary>
    /// <param name="healing">A value of <see cref="SessionSettings.HealerRecords"/>.</param>
    public static NpgsqlBatchCommand Records(string healing) => Plain($"set local {SessionSettings.HealerRecords} = '{healing}'");
}
