using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Exclusions;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Applying;

/// <summary>
/// Applies one transaction run by run, and row by row where a run fails. It takes the transactions that
/// <see cref="PipelinedApplier"/> cannot apply, those with decisions, and those too large to be held in memory.
/// </summary>
internal sealed class SteppedApplier
{
    private readonly ApplySession session;
    private readonly RemoteTransaction transaction;
    private readonly ExclusionResolver exclusions;

    /// <summary>Decisions by hand, by ordinal; null when no conflict of the transaction was recorded before.</summary>
    private IReadOnlyDictionary<int, string>? decisions;

    private SteppedApplier(ApplySession session, RemoteTransaction transaction)
    {
        this.session = session;
        this.transaction = transaction;
        exclusions = new ExclusionResolver(session, transaction);
    }

    /// <summary>Conflicts decided and recorded in the transaction.</summary>
    public int Conflicts { get; private set; }

    /// <summary>Begins the transaction and reads the decisions made about it.</summary>
    public static async Task<SteppedApplier> BeginAsync(ApplySession session, RemoteTransaction transaction, CancellationToken cancel)
    {
        var applier = new SteppedApplier(session, transaction);
        await applier.ExecuteAsync("begin", cancel);
        await using var read = new NpgsqlCommand(
            "select ordinal, case when resolved is null then decision end from trktr.history where subscription = $1 and lsn = $2",
            session.Connection
        );
        read.Parameters.Add(new NpgsqlParameter<string> { TypedValue = session.Terms.Name });
        read.Parameters.Add(
            new NpgsqlParameter<NpgsqlLogSequenceNumber> { TypedValue = transaction.Lsn, NpgsqlDbType = NpgsqlDbType.PgLsn }
        );
        await using var reader = await read.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var decisions = (Dictionary<int, string>)(applier.decisions ??= new Dictionary<int, string>());
            if (!await reader.IsDBNullAsync(1, cancel))
                decisions[reader.GetInt32(0)] = reader.GetString(1);
        }

        return applier;
    }

    /// <summary>
    /// Applies some of its changes. Throws <see cref="ApplyFault"/> for a change that cannot be applied, and
    /// PostgreSQL's own errors otherwise.
    /// </summary>
    public async Task ApplyAsync(IReadOnlyList<RemoteChange> changes, CancellationToken cancel)
    {
        try
        {
            foreach (var group in await session.Tables.GroupAsync(changes, cancel))
                await ApplyAsync(group, cancel);
        }
        catch (TableFault fault)
        {
            throw new ApplyFault(
                fault,
                transaction,
                changes.FirstOrDefault(change => change is RowChange row && row.Relation.Table == fault.Table)
            );
        }

        FaultPoint.Reach(FaultPoint.RowsWritten);
    }

    /// <summary>
    /// Commits, unless a conflict needs a decision. Returns the conflicts that wait, as JSON objects of
    /// <c>trktr.history</c>; empty after a commit. Throws <see cref="ApplyFault"/> when a deferred trigger or
    /// constraint refuses it.
    /// </summary>
    /// <param name="end">The position after the transaction.</param>
    /// <param name="changes">Its changes, recorded with its conflicts; of a large transaction the first ones.</param>
    /// <param name="count">How many changes it has.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async Task<IReadOnlyList<string>> EndAsync(
        NpgsqlLogSequenceNumber end,
        IReadOnlyList<RemoteChange> changes,
        long count,
        CancellationToken cancel
    )
    {
        var key = new { name = session.Terms.Name, lsn = transaction.Lsn.ToString() };
        await session.Connection.ExecuteAsync(
            new CommandDefinition(SqlFile.Read("Healing/Applying/resolve_apply_error.sql"), key, cancellationToken: cancel)
        );
        var pending = (
            await session.Connection.QueryAsync<string>(
                new CommandDefinition(SqlFile.Read("Healing/Applying/read_waiting.sql"), key, cancellationToken: cancel)
            )
        ).AsList();
        if (pending.Count > 0)
        {
            await RollbackAsync(cancel);
            return pending;
        }

        await session.Connection.ExecuteAsync(
            new CommandDefinition(SqlFile.Read("Healing/Applying/write_pending_merges.sql"), key, cancellationToken: cancel)
        );
        Conflicts = await session.Connection.ExecuteScalarAsync<int>(
            new CommandDefinition(
                "select count(*)::integer from trktr.history where subscription = @name and lsn = @lsn::pg_lsn",
                key,
                cancellationToken: cancel
            )
        );
        await using var batch = new NpgsqlBatch(session.Connection);
        if (changes.Count > 0 && Conflicts > 0)
            batch.BatchCommands.Add(TransactionRecord.KeepIfConflicting(session.Terms.Name, transaction, changes, count));
        batch.BatchCommands.Add(OriginProgress.Move(session.Terms.Inbound, end, transaction.Committed));
        await batch.ExecuteNonQueryAsync(cancel);
        FaultPoint.Reach(FaultPoint.BeforeCommit);
        try
        {
            await ExecuteAsync("commit", cancel);
        }
        catch (PostgresException e) when (!ApplyErrors.IsTransient(e) && !ApplyErrors.IsServerTrouble(e))
        {
            throw FaultAtCommit(e, changes);
        }

        return [];
    }

    public Task RollbackAsync(CancellationToken cancel) => ExecuteAsync("rollback", cancel);

    private async Task ApplyAsync(object group, CancellationToken cancel)
    {
        if (group is Truncation truncation)
        {
            if (await TryAsync(await ApplySql.TruncateAsync(session, truncation, cancel), cancel) is { } refused)
                throw Fault(refused, truncation);
            return;
        }

        var run = (RowRun)group;
        if (await TryAsync(await RowsAsync(run, run.Changes, cancel), cancel) is not { } error)
            return;
        foreach (var change in run.Changes)
        {
            if (run.Changes.Count > 1)
                error = await TryAsync(await RowsAsync(run, [change], cancel), cancel);
            if (error is null)
                continue;
            if (!ApplyErrors.IsConflict(error))
                throw Fault(error, change);
            if (await TryAsync(() => exclusions.ResolveAsync(run, change, decisions, error, cancel), cancel) is { } unresolved)
                throw Fault(unresolved, change);
        }
    }

    private async ValueTask<IEnumerable<NpgsqlBatchCommand>> RowsAsync(
        RowRun run,
        IReadOnlyList<RowChange> rows,
        CancellationToken cancel
    ) =>
        decisions is null
            ? (await ApplySql.RowsAsync(session, run, transaction, rows, end: null, cancel)).Commands
            : await ApplySql.RowsAsync(session, run, transaction, rows, decisions, isRecorded: true, cancel);

    private ApplyFault Fault(PostgresException error, RemoteChange? change) =>
        new(ApplyErrors.ToFault(error, (change as RowChange)?.Relation.Table), transaction, change);

    // PostgreSQL names the table of a constraint, but none for an error that a trigger raises.
    private ApplyFault FaultAtCommit(PostgresException error, IReadOnlyList<RemoteChange> changes) =>
        Fault(
            error,
            changes.FirstOrDefault(change =>
                change is RowChange row && (row.Relation.Table.Schema, row.Relation.Table.Name) == (error.SchemaName, error.TableName)
            ) ?? (changes is [var first, ..] ? first : null)
        );

    private Task<PostgresException?> TryAsync(IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancel) =>
        TryAsync(
            async () =>
            {
                await using var batch = new NpgsqlBatch(session.Connection);
                foreach (var command in commands)
                    batch.BatchCommands.Add(command);
                if (batch.BatchCommands.Count > 0)
                    await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel
        );

    /// <summary>
    /// Runs something inside a savepoint. Returns the error when the rows or the table caused it; other errors are
    /// thrown.
    /// </summary>
    private async Task<PostgresException?> TryAsync(Func<Task> work, CancellationToken cancel)
    {
        await ExecuteAsync("savepoint trktr_rows", cancel);
        try
        {
            await work();
            await ExecuteAsync("release savepoint trktr_rows", cancel);
            return null;
        }
        catch (PostgresException e) when (!ApplyErrors.IsTransient(e) && !ApplyErrors.IsServerTrouble(e))
        {
            await ExecuteAsync("rollback to savepoint trktr_rows", cancel);
            return e;
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
