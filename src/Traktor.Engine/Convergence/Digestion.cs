using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Healing;
using Traktor.Engine.Healing.Targets;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>
/// Works off what waits, key by key and many keys at once. Three kinds of transactions, between any two of which the
/// arbiter may be killed: one decides, remembers, records and tells (<see cref="KeyRules.Decide"/>); those of
/// <see cref="RowRestorer"/> write rows; one more tells what had to wait for its row. All that is to go on with is in
/// the register.
/// </summary>
internal sealed class Digestion(ConvergenceSession session, int self, bool autoHeal)
{
    private const int MostKeys = 200;

    /// <summary>
    /// How many keys are forgotten at a time: after a node was away for long there may be millions, and the heartbeat
    /// waits for it.
    /// </summary>
    private const int MostForgotten = 10_000;

    /// <summary>
    /// How long a row that cannot be written is left alone, ms: a hundred of them, tried one by one, must not keep a
    /// core busy.
    /// </summary>
    private const int Retry = 500;

    private readonly Dictionary<TableName, ConvergedTable?> tables = [];
    private readonly RowRestorer restorer = new(session, self);
    private readonly RegisterStore register = new(session.Teller, self);
    private readonly HeldKeys held = new(session.Teller);
    private DateTime nextLook;
    private long nextRetry;

    /// <summary>What went wrong with a row last, and it waits; null when nothing did.</summary>
    public (DueRow Row, PostgresException Error)? Failure { get; private set; }

    /// <summary>
    /// Works off some of what waits. Returns whether there was anything. Throws what Npgsql throws; then it can be
    /// repeated.
    /// </summary>
    public async Task<bool> DigestAsync(CancellationToken cancel)
    {
        await held.LookAsync(cancel);
        var isRetry = Environment.TickCount64 >= nextRetry;
        var (schemas, tableNames, keyNames) = held.Names;
        var names = await NamesAsync(
            "Convergence/read_waiting.sql",
            new
            {
                node = self,
                limit = MostKeys,
                isRetry,
                schemas,
                tables = tableNames,
                keys = keyNames,
            },
            cancel
        );
        if (isRetry)
            Failure = null;
        if (names.Count == 0)
            return false;
        if (await MapAsync(names, cancel) is not { Count: > 0 } keys)
            return true;
        await session.WithdrawAsync(cancel);
        List<DueRow> due;
        IReadOnlyList<KnownKeys.Said> verdicts;
        try
        {
            (due, verdicts) = await DecideAsync(keys, cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await held.FindAsync(keys, cancel);
            return true;
        }

        FaultPoint.Reach(FaultPoint.KeysDecided);
        if (due.Count > 0)
        {
            await WriteAsync(due, cancel);
            FaultPoint.Reach(FaultPoint.RowsRestored);
            await register.TellAsync(cancel);
            FaultPoint.Reach(FaultPoint.KeysTold);
        }

        if (verdicts.Count > 0)
            await restorer.ClearAsync(verdicts, cancel);
        return true;
    }

    /// <summary>What waits now, for <see cref="HasDigestedAsync"/>.</summary>
    public async Task<Arrivals> WaitingAsync(CancellationToken cancel)
    {
        var journal = await Teller.ExecuteScalarAsync<long>(
            new CommandDefinition("select coalesce(max(id), 0) from trktr.journal", cancellationToken: cancel)
        );
        var verdicts = (
            await Teller.QueryAsync<(int Node, long Seq)>(
                new CommandDefinition(
                    "select node_id, max(seq) from trktr.verdict where node_id < @node or node_id > @node group by node_id",
                    new { node = self },
                    cancellationToken: cancel
                )
            )
        ).AsList();
        return new Arrivals(journal, [.. verdicts.Select(last => last.Node)], [.. verdicts.Select(last => last.Seq)]);
    }

    /// <summary>Whether nothing of what waited then is left, and nothing is due or owed.</summary>
    public Task<bool> HasDigestedAsync(Arrivals waited, CancellationToken cancel) =>
        Teller.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                SqlFile.Read("Convergence/read_digested.sql"),
                new
                {
                    node = self,
                    journal = waited.Journal,
                    nodes = waited.Nodes,
                    numbers = waited.Numbers,
                },
                cancellationToken: cancel
            )
        );

    /// <summary>Forgets what everybody has heard of.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        if (
            await Teller.ExecuteScalarAsync<long?>(
                new CommandDefinition(SqlFile.Read("Convergence/read_oldest.sql"), cancellationToken: cancel)
            )
                is { } oldest
            && (await Pulse.ReadAsync(Teller, self, cancel)).ToLog().LastHeardOf() is var heard
            && oldest <= heard
        )
        {
            var mixtures = await NamesAsync(
                "Convergence/forget_keys.sql",
                new
                {
                    heard,
                    node = self,
                    most = MostForgotten,
                    limit = MostKeys,
                },
                cancel
            );
            try
            {
                if (mixtures.Count > 0 && await MapAsync(mixtures, cancel) is { Count: > 0 } keys)
                    await SettleAsync(keys, cancel);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // An application holds one of their rows: the next round comes back, and everything else is done all the same.
            }
        }

        // The own ones are in the stream; those of others go as they are looked at.
        if (
            await Teller.ExecuteScalarAsync<bool>(
                new CommandDefinition(
                    "select exists (select from trktr.verdict where node_id = @node)",
                    new { node = self },
                    cancellationToken: cancel
                )
            )
        )
            await restorer.ClearAsync([], cancel);
        await session.CertifyAsync(cancel);
    }

    private NpgsqlConnection Teller => session.Teller;

    private async Task<(List<DueRow> Due, IReadOnlyList<KnownKeys.Said> Verdicts)> DecideAsync(
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        CancellationToken cancel
    )
    {
        await using var transaction = await Teller.BeginTransactionAsync(cancel);
        await register.HoldHeartbeatAsync(cancel);
        var read = await KeyStates.LockAsync(Teller, self, keys, cancel);
        var losses = new LossRecord(self);
        var decided = new List<DueRow>();
        for (var n = 0; n < keys.Count; n++)
        {
            var ((name, table), state) = (keys[n], read.States[n]);
            if (!table.Converges || !autoHeal)
            {
                foreach (var entry in JournalEntry.ByTransaction(state.Journal))
                    if (entry is { Old: { } old, New: { } made, IsRecorded: false } && old.Stamp.Node != made.Stamp.Node)
                        losses.Add(name, table.Target.Policy, new Loss(old, made, entry.IsRefused));
                continue;
            }

            if (KeyRules.Decide(state, read.Known.Next ?? 0) is not { } outcome)
                continue;
            decided.Add(new DueRow(name, table, outcome.Register, outcome.RowLoss));
            foreach (var loss in outcome.Losses)
                losses.Add(name, table.Target.Policy, loss);
        }

        await register.RememberAsync(decided, losses, cancel);
        var ids = read.Known.Journal.Select(hit => hit.Id).ToArray();
        if (ids.Length > 0)
            await Teller.ExecuteAsync(
                new CommandDefinition("delete from trktr.journal where id = any (@ids)", new { ids }, cancellationToken: cancel)
            );
        await register.TellAsync(cancel);
        await transaction.CommitAsync(cancel);
        return ([.. decided.Where(row => row.Entry.IsWritable)], read.Known.Verdicts);
    }

    /// <summary>
    /// Writes rows; those that others stand in the way of are decided against these, and written when they are come to
    /// again.
    /// </summary>
    private async Task WriteAsync(IReadOnlyList<DueRow> due, CancellationToken cancel)
    {
        var refused = await restorer.WriteAsync(due, cancel);
        if (refused.Count == 0)
            return;
        var blocked = refused.Where(row => ApplyErrors.IsConflict(row.Error)).ToList();
        var failed = refused.Where(row => !ApplyErrors.IsConflict(row.Error) && !ApplyErrors.IsTransient(row.Error)).ToList();
        try
        {
            if (
                blocked.Count > 0
                && !await new RivalContest(session, self, register, restorer).DecideAsync([.. blocked.Select(row => row.Row)], cancel)
            )
                failed.AddRange(blocked);
            else if (blocked.Count == refused.Count)
                return;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // An application holds a row that stands in the way.
        }

        if (failed.Count > 0)
            Failure = failed[0];
        nextRetry = Environment.TickCount64 + Retry;
    }

    private async Task SettleAsync(IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys, CancellationToken cancel)
    {
        await using var transaction = await Teller.BeginTransactionAsync(cancel);
        await register.HoldHeartbeatAsync(cancel);
        var read = await KeyStates.LockAsync(Teller, self, keys, cancel);
        var losses = new LossRecord(self);
        var decided = new List<DueRow>();
        for (var n = 0; n < keys.Count; n++)
            if (read.States[n] is { Register: { } entry } state && KeyRules.Forget(entry, state.Row, read.Known.Next ?? 0) is { } outcome)
            {
                decided.Add(new DueRow(keys[n].Name, keys[n].Table, outcome.Register));
                foreach (var loss in outcome.Losses)
                    losses.Add(keys[n].Name, keys[n].Table.Target.Policy, loss);
            }

        await register.RememberAsync(decided, losses, cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task<List<KeyName>> NamesAsync(string statement, object parameters, CancellationToken cancel)
    {
        var json = await Teller.QuerySingleAsync<string>(
            new CommandDefinition(SqlFile.Read(statement), parameters, cancellationToken: cancel)
        );
        return [.. JsonSerializer.Deserialize<string[][]>(json)!.Select(name => new KeyName(new TableName(name[0], name[1]), name[2]))];
    }

    /// <summary>The keys with their tables; those of a table that is gone are let go of.</summary>
    private async Task<List<(KeyName Name, ConvergedTable Table)>> MapAsync(IReadOnlyList<KeyName> names, CancellationToken cancel)
    {
        if (nextLook < DateTime.UtcNow)
        {
            tables.Clear();
            nextLook = DateTime.UtcNow.AddMilliseconds(500);
        }

        var keys = new List<(KeyName, ConvergedTable)>();
        foreach (var table in names.GroupBy(name => name.Table))
        {
            ConvergedTable? known;
            try
            {
                if (!tables.TryGetValue(table.Key, out known))
                    tables[table.Key] = known = await FindAsync(table.Key, cancel);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                held.Add(table.Key);
                continue;
            }

            if (known is not null)
                keys.AddRange(table.Select(name => (name, known)));
            else
                await LetGoAsync(table.Key, cancel);
        }

        return keys;
    }

    private async Task<ConvergedTable?> FindAsync(TableName table, CancellationToken cancel)
    {
        try
        {
            return ConvergedTable.Of(await TargetTable.ReadAsync(Teller, table, subscription: 0, cancel));
        }
        catch (ApplyFault)
        {
            return null;
        }
    }

    private async Task LetGoAsync(TableName table, CancellationToken cancel)
    {
        await Teller.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Convergence/drop_unknown.sql"),
                new { schema = table.Schema, table = table.Name },
                cancellationToken: cancel
            )
        );
        var verdicts = await Teller.QueryAsync<(int Node, long Seq)>(
            new CommandDefinition(
                "select node_id, seq from trktr.verdict where schema_name = @schema and table_name = @table",
                new { schema = table.Schema, table = table.Name },
                cancellationToken: cancel
            )
        );
        await restorer.ClearAsync(
            [.. verdicts.Select(said => new KnownKeys.Said(0, said.Node, said.Seq, default, 0, null, false))],
            cancel
        );
    }
}

/// <summary>What has arrived up to a moment: the journal's last entry, and of each other node the last verdict.</summary>
/// <param name="Journal">The entry's id; 0 when there is none.</param>
/// <param name="Nodes">NodeIDs of those that sent verdicts.</param>
/// <param name="Numbers">The number of the last of each.</param>
internal sealed record Arrivals(long Journal, int[] Nodes, long[] Numbers);
