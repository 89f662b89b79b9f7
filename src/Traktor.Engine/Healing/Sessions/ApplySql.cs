using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Sessions;

/// <summary>The statements that apply the changes of a transaction.</summary>
internal static class ApplySql
{
    public static NpgsqlBatchCommand Plain(string sql) => new(sql);

    /// <summary>The statements of a run; those that write the user's table run as its owner.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Rows(
        ApplySession session,
        RowRun run,
        RemoteTransaction transaction,
        IReadOnlyList<RowChange> rows,
        IReadOnlyDictionary<int, string>? decisions,
        bool isRecorded = true
    )
    {
        var target = run.Shape.Relation.Target;
        foreach (var statement in session.Prepared.StatementsFor(run.Shape, rows.Count > 1, decisions is not null))
        {
            if (!statement.WritesTable && !isRecorded)
                continue;
            var command = new NpgsqlBatchCommand(statement.Sql);
            run.Bind(transaction, rows, decisions, command.Parameters);
            foreach (var part in statement.WritesTable ? AsOwner(target, command, statement.Healing) : [command])
                yield return part;
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
            return (Rows(session, run, transaction, rows, decisions: null), false);
        var command = new NpgsqlBatchCommand(call);
        run.Bind(transaction, rows, null, command.Parameters, isTyped: true);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)end ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.PgLsn });
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

    /// <summary>
    /// TRUNCATE of those of its tables that are subscribed here. As in the apply worker, it does not cascade to further
    /// tables.
    /// </summary>
    public static async Task<IReadOnlyList<NpgsqlBatchCommand>> TruncateAsync(
        ApplySession session,
        Truncation truncation,
        CancellationToken cancel
    )
    {
        var targets = new List<TargetTable>();
        foreach (var relation in truncation.Relations)
            if (await session.Tables.MapAsync(relation, cancel) is { } mapped)
                targets.Add(mapped.Target);
        if (targets.Count == 0)
            return [];
        var names = string.Join(", ", targets.Select(target => target.Kind == 'p' ? target.Table.Quoted : $"only {target.Table.Quoted}"));
        var command = new NpgsqlBatchCommand($"truncate {names}{(truncation.RestartsIdentity ? " restart identity" : "")}");
        var isOneOwner = targets.TrueForAll(target => target.Owner == targets[0].Owner);
        return [.. isOneOwner ? AsOwner(targets[0], command) : [command]];
    }

    /// <summary>A command that runs as the owner of a table.</summary>
    /// <param name="target">The table.</param>
    /// <param name="command">The command.</param>
    /// <param name="healing">What is recorded of the rows that it overwrites, a value of
    /// <see cref="SessionSettings.HealerRecords"/>; null where this is already set or does not matter.</param>
    public static IEnumerable<NpgsqlBatchCommand> AsOwner(TargetTable target, NpgsqlBatchCommand command, string? healing = null) =>
        healing is null
            ? OwnerRole.Commands(target, command)
            : OwnerRole.Commands(target, Plain($"set local {SessionSettings.HealerRecords} = '{healing}'"), command);
}
