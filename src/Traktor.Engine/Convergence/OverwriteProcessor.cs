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
/// the contested keys.
/// </summary>
internal sealed class OverwriteProcessor(ConvergenceSession session, int self, bool autoHeal)
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
    private readonly ContestedKeyStore contested = new(session.Announcing, self);
    private readonly HeldKeys held = new(session.Announcing);
    private DateTime nextLook;
    private long nextRetry;

    /// <summary>What went wrong with a row last, and it waits; null when nothing did.</summary>
    public (UnappliedRow Row, PostgresException Error)? Failure { get; private set; }

    /// <summary>
    /// Works off some of what waits. Returns whether there was anything. Throws what Npgsql throws; then it can be
    /// repeated.
    /// </summary>
    public async Task<bool> ProcessAsync(CancellationToken cancel)
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
        await session.ReleaseNothingContestedAsync(cancel);
        List<UnappliedRow> unapplied;
        IReadOnlyList<KnownKeys.Said> winners;
        try
        {
            (unapplied, winners) = await DecideAsync(keys, cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await held.FindAsync(keys, cancel);
            return true;
        }

        FaultPoint.Reach(FaultPoint.KeysDecided);
        if (unapplied.Count > 0)
        {
            await WriteAsync(unapplied, cancel);
            FaultPoint.Reach(FaultPoint.RowsRestored);
            await contested.TellAsync(cancel);
            FaultPoint.Reach(FaultPoint.KeysTold);
        }

        if (winners.Count > 0)
            await restorer.ClearAsync(winners, cancel);
        return true;
    }

    /// <summary>What waits now, for <see cref="HasProcessedAsync"/>.</summary>
    public async Task<Arrivals> WaitingAsync(CancellationToken cancel)
    {
        var overwrites = await Announcing.ExecuteScalarAsync<long>(
            new CommandDefinition("select coalesce(max(id), 0) from trktr.overwrite_log", cancellationToken: cancel)
        );
        var winners = (
            await Announcing.QueryAsync<(int Node, long Seq)>(
                new CommandDefinition(
                    "select node_id, max(seq) from trktr.winner where node_id < @node or node_id > @node group by node_id",
                    new { node = self },
                    cancellationToken: cancel
                )
            )
        ).AsList();
        return new Arrivals(overwrites, [.. winners.Select(last => last.Node)], [.. winners.Select(last => last.Seq)]);
    }

    /// <summary>Whether nothing of what waited then is left, and nothing is unapplied or unsent.</summary>
    public Task<bool> HasProcessedAsync(Arrivals waited, CancellationToken cancel) =>
        Announcing.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                SqlFile.Read("Convergence/read_processed.sql"),
                new
                {
                    node = self,
                    overwrites = waited.Overwrites,
                    nodes = waited.Nodes,
                    numbers = waited.Numbers,
                },
                cancellationToken: cancel
            )
        );

    /// <summary>Forgets what everybody has received of.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        if (
            await Announcing.ExecuteScalarAsync<long?>(
                new CommandDefinition(SqlFile.Read("Convergence/read_oldest.sql"), cancellationToken: cancel)
            )
                is { } oldest
            && (await Pulse.ReadAsync(Announcing, self, cancel)).ToLog().LastAcknowledged() is var received
            && oldest <= received
        )
        {
            var incomplete = await NamesAsync(
                "Convergence/purge_contested_keys.sql",
                new
                {
                    received,
                    node = self,
                    most = MostForgotten,
                    limit = MostKeys,
                },
                cancel
            );
            try
            {
                if (incomplete.Count > 0 && await MapAsync(incomplete, cancel) is { Count: > 0 } keys)
                    await SettleAsync(keys, cancel);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // An application holds one of their rows: the next round comes back, and everything else is done all the same.
            }
        }

        // The own ones are in the stream; those of others go as they are looked at.
        if (
            await Announcing.ExecuteScalarAsync<bool>(
                new CommandDefinition(
                    "select exists (select from trktr.winner where node_id = @node)",
                    new { node = self },
                    cancellationToken: cancel
                )
            )
        )
            await restorer.ClearAsync([], cancel);
        await session.AcquireNothingContestedAsync(cancel);
    }

    private NpgsqlConnection Announcing => session.Announcing;

    private async Task<(List<UnappliedRow> Unapplied, IReadOnlyList<KnownKeys.Said> Winners)> DecideAsync(
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        CancellationToken cancel
    )
    {
        await using var transaction = await Announcing.BeginTransactionAsync(cancel);
        await contested.HoldHeartbeatAsync(cancel);
        var read = await KeyStates.LockAsync(Announcing, self, keys, cancel);
        var losses = new LossRecord(self);
        var decided = new List<UnappliedRow>();
        for (var n = 0; n < keys.Count; n++)
        {
            var ((name, table), state) = (keys[n], read.States[n]);
            if (!table.Converges || !autoHeal)
            {
                foreach (var entry in Overwrite.ByTransaction(state.Overwrites))
                    if (entry is { Old: { } old, New: { } made, IsRecorded: false } && old.Stamp.Node != made.Stamp.Node)
                        losses.Add(name, table.Target.Policy, new Loss(old, made, entry.IsRefused));
                continue;
            }

            if (KeyRules.Decide(state, read.Known.Next ?? 0) is not { } outcome)
                continue;
            decided.Add(new UnappliedRow(name, table, outcome.Contested, outcome.RowLoss));
            foreach (var loss in outcome.Losses)
                losses.Add(name, table.Target.Policy, loss);
        }

        await contested.RememberAsync(decided, losses, cancel);
        var ids = read.Known.Overwrites.Select(hit => hit.Id).ToArray();
        if (ids.Length > 0)
            await Announcing.ExecuteAsync(
                new CommandDefinition("delete from trktr.overwrite_log where id = any (@ids)", new { ids }, cancellationToken: cancel)
            );
        await contested.TellAsync(cancel);
        await transaction.CommitAsync(cancel);
        return ([.. decided.Where(row => row.Entry.IsWritable)], read.Known.Winners);
    }

    /// <summary>
    /// Writes rows; those that others stand in the way of are decided against these, and written when they are come to
    /// again.
    /// </summary>
    private async Task WriteAsync(IReadOnlyList<UnappliedRow> unapplied, CancellationToken cancel)
    {
        var refused = await restorer.WriteAsync(unapplied, cancel);
        if (refused.Count == 0)
            return;
        var blocked = refused.Where(row => ApplyErrors.IsConflict(row.Error)).ToList();
        var failed = refused.Where(row => !ApplyErrors.IsConflict(row.Error) && !ApplyErrors.IsTransient(row.Error)).ToList();
        try
        {
            if (
                blocked.Count > 0
                && !await new UniqueConflict(session, self, contested, restorer).DecideAsync([.. blocked.Select(row => row.Row)], cancel)
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
        await using var transaction = await Announcing.BeginTransactionAsync(cancel);
        await contested.HoldHeartbeatAsync(cancel);
        var read = await KeyStates.LockAsync(Announcing, self, keys, cancel);
        var losses = new LossRecord(self);
        var decided = new List<UnappliedRow>();
        for (var n = 0; n < keys.Count; n++)
            if (read.States[n] is { Contested: { } entry } state && KeyRules.Forget(entry, state.Row, read.Known.Next ?? 0) is { } outcome)
            {
                decided.Add(new UnappliedRow(keys[n].Name, keys[n].Table, outcome.Contested));
                foreach (var loss in outcome.Losses)
                    losses.Add(keys[n].Name, keys[n].Table.Target.Policy, loss);
            }

        await contested.RememberAsync(decided, losses, cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task<List<KeyName>> NamesAsync(string statement, object parameters, CancellationToken cancel)
    {
        var json = await Announcing.QuerySingleAsync<string>(
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
            return ConvergedTable.Of(await TargetTable.ReadAsync(Announcing, table, subscription: 0, cancel));
        }
        catch (ApplyFault)
        {
            return null;
        }
    }

    private async Task LetGoAsync(TableName table, CancellationToken cancel)
    {
        await Announcing.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Convergence/drop_missing_table.sql"),
                new { schema = table.Schema, table = table.Name },
                cancellationToken: cancel
            )
        );
        var winners = await Announcing.QueryAsync<(int Node, long Seq)>(
            new CommandDefinition(
                "select node_id, seq from trktr.winner where schema_name = @schema and table_name = @table",
                new { schema = table.Schema, table = table.Name },
                cancellationToken: cancel
            )
        );
        await restorer.ClearAsync([.. winners.Select(said => new KnownKeys.Said(0, said.Node, said.Seq, default, 0, null, false))], cancel);
    }
}

/// <summary>What has arrived up to a moment: the overwrite log's last entry, and of each other node the last winner.</summary>
/// <param name="Overwrites">The entry's id; 0 when there is none.</param>
/// <param name="Nodes">NodeIDs of those that sent winners.</param>
/// <param name="Numbers">The number of the last of each.</param>
internal sealed record Arrivals(long Overwrites, int[] Nodes, long[] Numbers);
