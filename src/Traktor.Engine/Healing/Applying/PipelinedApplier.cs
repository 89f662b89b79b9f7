using System.Data;
using Npgsql;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;

namespace Traktor.Engine.Healing.Applying;

/// <summary>What became of a batch of transactions.</summary>
/// <param name="Committed">How many of them, from the first, are committed.</param>
/// <param name="Conflicts">Conflicts that were decided and recorded in them.</param>
/// <param name="Failure">Why the next one could not be applied this way; null when all are committed.</param>
internal sealed record PipelineResult(int Committed, int Conflicts, PostgresException? Failure);

/// <summary>
/// Applies many small transactions in one round trip, each with its own begin, progress and commit. What needs a closer look (a secondary unique key, a
/// decision by hand, an error) is not for it: the transactions before are committed then, and <see cref="SteppedApplier"/> takes the one.
/// </summary>
internal sealed class PipelinedApplier(ApplySession session)
{
    public async Task<PipelineResult> ApplyAsync(IReadOnlyList<RemotePart> transactions, CancellationToken cancel)
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

    /// <summary>The statements of a transaction; null when it is not for this way: something of it waited before, a table waits for a hand, or does not fit.</summary>
    private async Task<List<NpgsqlBatchCommand>?> CommandsAsync(RemotePart part, CancellationToken cancel)
    {
        if (session.Waiting.Contains(part.Transaction.Lsn))
            return null;
        var commands = new List<NpgsqlBatchCommand>();
        var end = part.End!.Value;
        var isProgressMoved = false;
        try
        {
            var groups = await session.GroupAsync(part.Changes, cancel);
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
                var (rows, movesProgress) = await ApplySql.RowsAsync(session, run, part.Transaction, run.Changes, i == groups.Count - 1 ? end : null, cancel);
                commands.AddRange(rows);
                isProgressMoved |= movesProgress;
            }
        }
        catch (ApplyFault)
        {
            return null;
        }

        if (part.Changes.Count > 1)
            commands.Add(TransactionRecord.KeepIfConflicting(session.Terms.Name, part.Transaction, part.Changes, part.Changes.Count));
        if (!isProgressMoved)
            commands.Add(ApplySql.MoveProgress(session.Terms.Inbound, end, part.Transaction.Committed));
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
