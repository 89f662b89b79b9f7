using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Exclusions;

/// <summary>
/// Decides a change that a unique key or an exclusion constraint rejects. If the remote row wins against every blocking
/// row, they are deleted. If it loses under a policy that decides the same on all nodes, its own older version is
/// deleted too: its node deletes it when it receives the winner, so all nodes end equal. Rows that are deleted or not
/// inserted are logged (<see cref="ExclusionLog"/>) and thereby announced to every node.
/// </summary>
internal sealed class ExclusionResolver(ApplySession session, RemoteTransaction transaction)
{
    private const int MostReads = 5;

    private readonly ApplyTerms terms = session.Terms;
    private readonly ExclusionRecord record = new(session, transaction);

    /// <summary>Decides and applies one change. Rethrows PostgreSQL's error when deciding cannot resolve it.</summary>
    public async Task ResolveAsync(
        RowRun run,
        RowChange change,
        IReadOnlyDictionary<int, string>? decisions,
        PostgresException cause,
        CancellationToken cancel
    )
    {
        var target = run.Shape.Relation.Target;
        var statements = new ExclusionStatements(run.Shape, terms);
        var rows = await LockAsync(run, change, statements, cancel);
        if (rows.Count == 0 || rows.Exists(row => row.IsOwn))
            throw cause;

        var names = rows.Select(row => row.Index).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var places = rows.DistinctBy(row => (row.Table, row.Place)).ToList();
        var type =
            names.Count > 1 ? ConflictType.MultipleUniqueConflicts
            : run.Shape.Kind == ChangeKind.Insert ? ConflictType.InsertExists
            : ConflictType.UpdateExists;
        var decision = decisions?.GetValueOrDefault(change.Ordinal);
        var contest = new Contest(
            decision == "newest" ? Policy.LastUpdateWins : terms.PolicyOf(target),
            type,
            null,
            new Stamp(transaction.Committed, terms.Inbound),
            terms.Node,
            terms.Priorities
        )
        {
            TracksCommits = terms.TracksCommits,
        };
        contest = contest with { Local = PolicyRules.Strongest(places.Select(row => row.Stamp(terms.Node)), contest) };
        var ruling = PolicyRules.Decide(contest, decision is null ? null : ConflictWords.Parse<Resolution>(decision));
        await record.WriteAsync(run, change, type, string.Join(", ", names), places, contest, ruling, decision, cancel);
        var converges = contest.Policy is Policy.LastUpdateWins or Policy.FirstUpdateWins or Policy.NodePriority;
        var log = converges && target.IsWatched ? new ExclusionLog(run.Shape.Relation, terms) : null;
        if (ruling.Outcome == Outcome.ApplyRemote)
            await TakeAsync(run, change, statements, places, log, cancel);
        else if (ruling.Outcome == Outcome.KeepLocal && decision is null or "newest" && converges)
            await LoseAsync(run, change, statements, places, contest, log, cancel);
    }

    /// <summary>
    /// Locks and reads the blocking rows. While it waits for a lock, some may stop blocking and others may start, so it
    /// repeats until two reads agree.
    /// </summary>
    private async Task<List<BlockingRow>> LockAsync(RowRun run, RowChange change, ExclusionStatements statements, CancellationToken cancel)
    {
        var rows = await ReadAsync(run, change, statements, cancel);
        for (var tries = 0; tries < MostReads; tries++)
        {
            var before = rows.ToHashSet();
            rows = await ReadAsync(run, change, statements, cancel);
            if (before.SetEquals(rows))
                break;
        }

        return rows;
    }

    private async Task<List<BlockingRow>> ReadAsync(RowRun run, RowChange change, ExclusionStatements statements, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(session.Connection);
        var read = new NpgsqlBatchCommand(statements.ReadBlockingRows());
        run.Bind(transaction, [change], null, read.Parameters);
        await AddAsync(batch, run, read, ExclusionStatements.BlockingRowColumns, cancel);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var rows = new List<BlockingRow>();
        while (await reader.ReadAsync(cancel))
            rows.Add(
                new BlockingRow(
                    reader.GetString(0),
                    reader.GetBoolean(1),
                    reader.GetInt64(2),
                    reader.GetString(3),
                    reader.GetString(4),
                    await reader.IsDBNullAsync(5, cancel) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                    await reader.IsDBNullAsync(6, cancel) ? null : reader.GetInt32(6),
                    reader.GetBoolean(7),
                    reader.GetString(8)
                )
            );
        return rows;
    }

    /// <summary>Deletes the blocking rows and applies the remote row.</summary>
    private async Task TakeAsync(
        RowRun run,
        RowChange change,
        ExclusionStatements statements,
        List<BlockingRow> places,
        ExclusionLog? log,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(session.Connection);
        foreach (var row in places)
        {
            // The row with the remote row's own key is overwritten as any other.
            var logged = row.IsIdentity ? null : log;
            if (logged is not null)
            {
                batch.BatchCommands.Add(AtPlace(await logged.LogAtPlaceAsync(session.Owners, cancel), row));
                Add(batch, session.Owners.After(run.Shape.Relation.Target.OtherOwner));
                batch.BatchCommands.Add(ApplySql.Plain(logged.SetLoggedTable(isLogged: true)));
            }

            await DeleteAsync(batch, run, statements, row, cancel, logged?.Table);
            if (logged is not null)
                batch.BatchCommands.Add(ApplySql.Plain(logged.SetLoggedTable(isLogged: false)));
        }

        var decided = new Dictionary<int, string> { [change.Ordinal] = "apply_remote" };
        Add(batch, await ApplySql.RowsAsync(session, run, transaction, [change], decided, isRecorded: false, cancel));
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Deletes the version that the remote row was to replace: an older row of the same key, or the row that the update
    /// started from.
    /// </summary>
    private async Task LoseAsync(
        RowRun run,
        RowChange change,
        ExclusionStatements statements,
        List<BlockingRow> places,
        Contest contest,
        ExclusionLog? log,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(session.Connection);
        if (run.Shape.Kind == ChangeKind.Insert)
        {
            foreach (
                var row in places.Where(row =>
                    row.IsIdentity && PolicyRules.Decide(contest with { Local = row.Stamp(terms.Node) }).Outcome == Outcome.ApplyRemote
                )
            )
                await DeleteAsync(batch, run, statements, row, cancel);
        }
        else
        {
            var command = new NpgsqlBatchCommand(statements.DeleteOldVersion());
            run.Bind(transaction, [change], null, command.Parameters);
            batch.BatchCommands.Add(ApplySql.Records(Recording.Later));
            await AddAsync(batch, run, command, ExclusionStatements.DeletedColumns, cancel);
        }

        if (log is not null)
        {
            var key = run.Shape.Relation.Key;
            var keptOut = await log.LogKeptOutAsync(session.Owners, cancel);
            batch.BatchCommands.Add(WithKey(keptOut, key.Select(column => change.New![column])));
            Add(batch, session.Owners.After(run.Shape.Relation.Target.OtherOwner));
            if (run.Shape.HasOldKey)
            {
                batch.BatchCommands.Add(WithKey(keptOut, key.Select(column => change.Old![column])));
                Add(batch, session.Owners.After(run.Shape.Relation.Target.OtherOwner));
            }
        }

        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancel);
    }

    private ValueTask DeleteAsync(
        NpgsqlBatch batch,
        RowRun run,
        ExclusionStatements statements,
        BlockingRow row,
        CancellationToken cancel,
        TableName? logged = null
    )
    {
        batch.BatchCommands.Add(ApplySql.Records(statements.Healing));
        return AddAsync(batch, run, AtPlace(statements.DeleteAtPlace(), row), ExclusionStatements.DeletedColumns, cancel, logged);
    }

    /// <summary>Adds a statement on the table, with the rights of its owner.</summary>
    private async ValueTask AddAsync(
        NpgsqlBatch batch,
        RowRun run,
        NpgsqlBatchCommand command,
        string columns,
        CancellationToken cancel,
        TableName? logged = null
    ) => Add(batch, await session.Owners.CommandsAsync(run.Shape.Relation.Target.OtherOwner, command, columns, cancel, logged));

    private static void Add(NpgsqlBatch batch, IEnumerable<NpgsqlBatchCommand> commands)
    {
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
    }

    private static NpgsqlBatchCommand AtPlace(string statement, BlockingRow row)
    {
        var command = new NpgsqlBatchCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = row.Table, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = row.Place, NpgsqlDbType = NpgsqlDbType.Text });
        return command;
    }

    private static NpgsqlBatchCommand WithKey(string statement, IEnumerable<string?> key)
    {
        var command = new NpgsqlBatchCommand(statement);
        foreach (var value in key)
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown });
        return command;
    }
}
