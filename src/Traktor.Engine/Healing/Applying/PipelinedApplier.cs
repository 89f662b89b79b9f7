using System.Data;
using System.Globalization;
using Dapper;
using Npgsql;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Origins;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Applying;

/// <summary>The result of a batch of transactions.</summary>
/// <param name="Committed">How many of them, from the first, are committed.</param>
/// <param name="Conflicts">Conflicts that were decided and recorded in them.</param>
/// <param name="Failure">Why the next transaction could not be applied this way; null when all are committed.</param>
internal sealed record PipelineResult(int Committed, int Conflicts, PostgresException? Failure);

/// <summary>
/// Applies many small transactions in one round trip, each with its own progress and commit. Transactions of one row
/// each and of one shape go through a procedure, others through a batch of statements. When a transaction needs a
/// closer look (a secondary unique key, a decision, an error), those before it are committed and
/// <see cref="SteppedApplier"/> applies it.
/// </summary>
internal sealed class PipelinedApplier(ApplySession session)
{
    /// <summary>The fewest transactions for which a procedure call is worth ending the batch before them.</summary>
    private const int FewestInStream = 8;

    public async Task<PipelineResult> ApplyAsync(IReadOnlyList<RemotePart> transactions, CancellationToken cancel)
    {
        var (committed, conflicts) = (0, 0);
        foreach (var (shape, parts) in await SplitAsync(transactions, cancel))
        {
            var result =
                shape is not null && await session.Prepared.StreamForAsync(shape, cancel) is { } call
                    ? await StreamAsync(call, shape, parts, cancel)
                    : await BatchAsync(parts, cancel);
            (committed, conflicts) = (committed + result.Committed, conflicts + result.Conflicts);
            if (result.Committed < parts.Count)
                return new PipelineResult(committed, conflicts, result.Failure);
        }

        return new PipelineResult(committed, conflicts, null);
    }

    /// <summary>
    /// The transactions in order, split into pieces. In a piece with a shape each transaction has one change, of that
    /// shape.
    /// </summary>
    private async Task<List<(RowShape? Shape, List<RemotePart> Parts)>> SplitAsync(
        IReadOnlyList<RemotePart> transactions,
        CancellationToken cancel
    )
    {
        var pieces = new List<(RowShape? Shape, List<RemotePart> Parts)>();
        foreach (var part in transactions)
        {
            var shape = await ShapeAsync(part, cancel);
            if (pieces.Count == 0 || !Equals(pieces[^1].Shape, shape))
                pieces.Add((shape, []));
            pieces[^1].Parts.Add(part);
        }

        var joined = new List<(RowShape? Shape, List<RemotePart> Parts)>();
        foreach (var (shape, parts) in pieces)
            if (shape is not null && parts.Count >= FewestInStream)
                joined.Add((shape, parts));
            else if (joined.Count > 0 && joined[^1].Shape is null)
                joined[^1].Parts.AddRange(parts);
            else
                joined.Add((null, parts));
        return joined;
    }

    /// <summary>
    /// The shape of a transaction's only change; null when it has several, or cannot go through a procedure.
    /// </summary>
    private async ValueTask<RowShape?> ShapeAsync(RemotePart part, CancellationToken cancel)
    {
        if (part.Changes is not [RowChange row] || session.Waiting.Contains(part.Transaction.Lsn))
            return null;
        try
        {
            return await session.Tables.MapAsync(row.Relation, cancel) is { } mapped && !session.IsManual(mapped.Target)
                ? RowShape.Of(mapped, row)
                : null;
        }
        catch (TableFault)
        {
            return null;
        }
    }

    private async Task<PipelineResult> StreamAsync(string call, RowShape shape, List<RemotePart> transactions, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(call, session.Connection);
        RowRun.BindStream(shape, transactions, command.Parameters);
        if (shape.Relation.Target.IsForeignOwner)
            command.Parameters.Add(session.Owners.SettingsParameter());
        try
        {
            var conflicts = await command.ExecuteScalarAsync(cancel);
            return new PipelineResult(transactions.Count, Convert.ToInt32(conflicts, CultureInfo.InvariantCulture), null);
        }
        catch (PostgresException e) when (session.Connection.State == ConnectionState.Open)
        {
            // The progress moved with each commit, so it shows how many transactions are committed.
            var name = session.Terms.Name;
            var progress = await OriginProgress.ReadAsync(session.Connection, session.Terms.Inbound, cancel);
            var committed = transactions.TakeWhile(part => part.End!.Value <= progress).Count();
            var conflicts =
                committed == 0
                    ? 0
                    : await session.Connection.ExecuteScalarAsync<int>(
                        new CommandDefinition(
                            "select count(*)::integer from trktr.history where subscription = @name and lsn between "
                                + "@first::pg_lsn and @last::pg_lsn",
                            new
                            {
                                name,
                                first = transactions[0].Transaction.Lsn.ToString(),
                                last = transactions[committed - 1].Transaction.Lsn.ToString(),
                            },
                            cancellationToken: cancel
                        )
                    );
            return new PipelineResult(committed, conflicts, e);
        }
    }

    private async Task<PipelineResult> BatchAsync(List<RemotePart> transactions, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(session.Connection);
        var ends = new List<int>(transactions.Count);
        foreach (var part in transactions)
        {
            if (await CommandsAsync(part, cancel) is not { } commands)
                break;
            // One message ends a transaction and begins the next.
            batch.BatchCommands.Add(ApplySql.Plain(ends.Count == 0 ? "begin" : "commit and chain"));
            foreach (var command in commands)
                batch.BatchCommands.Add(command);
            if (ServerFaultPoint.Statement(FaultPoint.BeforeCommit) is { } stop)
                batch.BatchCommands.Add(ApplySql.Plain(stop));
            ends.Add(batch.BatchCommands.Count + 1);
        }

        batch.BatchCommands.Add(ApplySql.Plain("commit"));
        if (ends.Count == 0)
            return new PipelineResult(0, 0, null);
        try
        {
            await batch.ExecuteNonQueryAsync(cancel);
            return new PipelineResult(ends.Count, Conflicts(batch, batch.BatchCommands.Count), null);
        }
        catch (PostgresException e) when (session.Connection.State == ConnectionState.Open && e.BatchCommand is NpgsqlBatchCommand failed)
        {
            await using var rollback = new NpgsqlCommand("rollback", session.Connection);
            await rollback.ExecuteNonQueryAsync(cancel);
            var at = batch.BatchCommands.IndexOf(failed);
            var committed = ends.FindIndex(end => at < end);
            return new PipelineResult(committed, Conflicts(batch, committed == 0 ? 0 : ends[committed - 1]), e);
        }
    }

    /// <summary>
    /// The statements of a transaction; null when it cannot be applied in a batch: one of its conflicts waited before,
    /// a table's policy is manual, or a table does not match.
    /// </summary>
    private async Task<List<NpgsqlBatchCommand>?> CommandsAsync(RemotePart part, CancellationToken cancel)
    {
        if (session.Waiting.Contains(part.Transaction.Lsn))
            return null;
        var commands = new List<NpgsqlBatchCommand>();
        var end = part.End!.Value;
        var isProgressMoved = false;
        try
        {
            var groups = await session.Tables.GroupAsync(part.Changes, cancel);
            for (var i = 0; i < groups.Count; i++)
            {
                if (groups[i] is Truncation truncation)
                {
                    commands.AddRange(await ApplySql.TruncateAsync(session, truncation, cancel));
                    continue;
                }

                var run = (RowRun)groups[i];
                if (session.IsManual(run.Shape.Relation.Target))
                    return null;
                var (rows, movesProgress) = await ApplySql.RowsAsync(
                    session,
                    run,
                    part.Transaction,
                    run.Changes,
                    i == groups.Count - 1 ? end : null,
                    cancel
                );
                commands.AddRange(rows);
                isProgressMoved |= movesProgress;
            }
        }
        catch (TableFault)
        {
            return null;
        }

        if (part.Changes.Count > 1)
            commands.Add(TransactionRecord.KeepIfConflicting(session.Terms.Name, part.Transaction, part.Changes, part.Changes.Count));
        if (!isProgressMoved && ServerFaultPoint.Statement(FaultPoint.RowsWritten) is { } stop)
            commands.Add(ApplySql.Plain(stop));
        if (!isProgressMoved)
            commands.Add(OriginProgress.Move(session.Terms.Inbound, end, part.Transaction.Committed));
        return commands;
    }

    private static int Conflicts(NpgsqlBatch batch, int commands)
    {
        var count = 0;
        for (var i = 0; i < commands; i++)
            count += ApplySql.ConflictsOf(batch.BatchCommands[i]);
        return count;
    }
}
