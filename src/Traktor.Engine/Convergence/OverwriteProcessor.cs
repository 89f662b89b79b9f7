using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Restoring;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Convergence;

/// <summary>
/// Processes waiting keys, many at a time. It uses three kinds of transactions, between any two of which the arbiter
/// may be killed: one decides, stores, records and announces (<see cref="KeyRules.Decide"/>); those of
/// <see cref="RowRestorer"/> write rows; the last announces what had to wait for its row. All pending work is stored in
/// <c>trktr.contested_key</c>.
/// </summary>
internal sealed class OverwriteProcessor
{
    private const int MostKeys = 200;

    /// <summary>
    /// How long a row that could not be written is skipped, in ms, so that retrying a hundred of them one by one does
    /// not keep a core busy.
    /// </summary>
    private const int Retry = 500;

    private readonly ConvergenceSession session;
    private readonly int self;
    private readonly bool autoHeal;
    private readonly RowRestorer restorer;
    private readonly ContestedKeyStore contested;
    private readonly HeldKeys held;
    private readonly KeyTables tables;
    private readonly ContestedKeyPurge purge;
    private readonly SetAside aside;
    private long nextRetry;

    public OverwriteProcessor(ConvergenceSession session, int self, bool autoHeal)
    {
        (this.session, this.self, this.autoHeal) = (session, self, autoHeal);
        restorer = new RowRestorer(session, self);
        contested = new ContestedKeyStore(session.Announcing, self);
        aside = new SetAside(session, self, restorer);
        held = new HeldKeys(session.AnnouncingOwners);
        tables = new KeyTables(session, held, restorer);
        purge = new ContestedKeyPurge(session, self, contested, tables, restorer);
    }

    /// <summary>The last row that could not be written, with its error; null when there is none.</summary>
    public (UnappliedRow Row, PostgresException Error)? Failure { get; private set; }

    /// <summary>
    /// Processes some of the waiting keys. Returns whether there were any. Npgsql's exceptions propagate; the call can
    /// be repeated.
    /// </summary>
    public async Task<bool> ProcessAsync(CancellationToken cancel)
    {
        await held.LookAsync(cancel);
        var isRetry = Environment.TickCount64 >= nextRetry;
        var (schemas, tableNames, keyNames) = held.Names;
        var names = await tables.NamesAsync(
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
        if (await tables.MapAsync(names, cancel) is not { Count: > 0 } keys)
            return true;
        await session.RevokeAsync(cancel);
        try
        {
            await ProcessAsync(keys, cancel);
        }
        catch (Exception e) when (SetAside.IsOfAnEntry(e))
        {
            await ProcessEachAsync(keys, cancel);
        }

        return true;
    }

    /// <summary>
    /// Makes keys contested with a chosen version as their greatest one, so that it is written here where it has to be,
    /// and announced to every node. A row that is not the expected version any more, or is contested, is left alone.
    /// Npgsql's exceptions propagate.
    /// </summary>
    /// <returns>For each row whether it was taken.</returns>
    /// <exception cref="RefusedException">NotFound: there is no such table, or it is not replicated; Conflict: its
    /// policy does not let nodes converge.</exception>
    public async Task<IReadOnlyList<bool>> AnnounceAsync(TableName name, IReadOnlyList<RowChoice> rows, CancellationToken cancel)
    {
        await ReplicatedTable.RequireAsync(Announcing, name, self, cancel);
        if (await tables.MapAsync([KeyName.OfAll(name)], cancel) is not [(_, { } table)])
            throw RefusedException.NotFound($"{name} does not exist on node {self}, or cannot be written now.");
        if (!table.Converges)
            throw RefusedException.Conflict(
                $"Under the policy {ConflictWords.Of(table.Target.Policy)} of {name} nodes may differ for good; such rows are not repaired."
            );
        await session.RevokeAsync(cancel);
        await using var transaction = await Announcing.BeginTransactionAsync(cancel);
        await contested.HoldHeartbeatAsync(cancel);
        // The keys as they were given find the rows; the rows have them as they are written everywhere.
        var given = await KeyStates.LockAsync(
            session.AnnouncingOwners,
            self,
            [.. rows.Select(row => (new KeyName(name, row.Key), table))],
            cancel
        );
        var taken = new bool[rows.Count];
        var places = Enumerable.Range(0, rows.Count).Where(n => given.States[n].Row is not null).ToList();
        if (places.Count == 0)
            return taken;
        var images = places.Select(n => given.States[n].Row!.Image!).ToArray();
        var names = await Announcing.QueryAsync<string>(
            new CommandDefinition(
                SqlFile.Read("Convergence/read_key_names.sql"),
                new { images, columns = table.KeyColumns.ToArray() },
                cancellationToken: cancel
            )
        );
        var keys = names.Select(key => (new KeyName(name, key), table)).ToList();
        var read = await KeyStates.LockAsync(session.AnnouncingOwners, self, keys, cancel);
        var decided = new List<UnappliedRow>();
        for (var n = 0; n < keys.Count; n++)
        {
            var row = rows[places[n]];
            if (KeyRules.Choose(read.States[n], row.Expected, row.IsDeletion, row.After, read.Known.Next ?? 0) is not { } entry)
                continue;
            taken[places[n]] = true;
            decided.Add(new UnappliedRow(keys[n].Item1, table, entry));
        }

        await contested.StoreAsync(decided, new LossRecord(self), cancel);
        await contested.AnnounceAsync(cancel);
        await transaction.CommitAsync(cancel);
        return taken;
    }

    /// <summary>Finds the keys that cannot be processed, and sets aside what waits for them.</summary>
    private async Task ProcessEachAsync(IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys, CancellationToken cancel)
    {
        foreach (var key in keys)
            try
            {
                await ProcessAsync([key], cancel);
            }
            catch (Exception e) when (SetAside.IsOfAnEntry(e))
            {
                await aside.AddAsync(key.Name, e, cancel);
            }
    }

    private async Task ProcessAsync(IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys, CancellationToken cancel)
    {
        List<UnappliedRow> unapplied;
        IReadOnlyList<KnownKeys.Winner> winners;
        try
        {
            (unapplied, winners) = await DecideAsync(keys, cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await held.FindAsync(keys, cancel);
            return;
        }

        FaultPoint.Reach(FaultPoint.KeysDecided);
        if (unapplied.Count > 0)
        {
            await WriteAsync(unapplied, cancel);
            FaultPoint.Reach(FaultPoint.RowsRestored);
            await contested.AnnounceAsync(cancel);
            FaultPoint.Reach(FaultPoint.KeysAnnounced);
        }

        if (winners.Count > 0)
            await restorer.ClearAsync(winners, cancel);
    }

    /// <summary>Deletes the keys that every node has acknowledged. Returns whether there were any.</summary>
    public Task<bool> PurgeAsync(CancellationToken cancel) => purge.PurgeAsync(cancel);

    private NpgsqlConnection Announcing => session.Announcing;

    private async Task<(List<UnappliedRow> Unapplied, IReadOnlyList<KnownKeys.Winner> Winners)> DecideAsync(
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        CancellationToken cancel
    )
    {
        await using var transaction = await Announcing.BeginTransactionAsync(cancel);
        await contested.HoldHeartbeatAsync(cancel);
        var rows = await KeyStates.LockRowsAsync(session.AnnouncingOwners, self, keys, cancel);
        // An entry that the statement cannot read fails all keys: one key at a time is decided here.
        var settled = autoHeal && keys.Count > 1 ? await SettledKeys.SettleAsync(Announcing, self, keys, rows, cancel) : SettledKeys.None;
        var left = Enumerable.Range(0, keys.Count).Where(n => !settled.Places.Contains(n)).ToList();
        if (left.Count == 0)
        {
            await transaction.CommitAsync(cancel);
            return ([], settled.Winners);
        }

        keys = [.. left.Select(n => keys[n])];
        var read = await KeyStates.ReadAsync(Announcing, self, keys, [.. left.Select(n => rows[n])], cancel);
        var losses = new LossRecord(self);
        var decided = new List<UnappliedRow>();
        for (var n = 0; n < keys.Count; n++)
        {
            var ((name, table), state) = (keys[n], read.States[n]);
            if (!table.Converges || !autoHeal)
            {
                foreach (var entry in Overwrite.ByTransaction(state.Overwrites))
                    if (entry is { Old: { } old, New: { } made, IsRecorded: false } && old.Stamp.Node != made.Stamp.Node)
                        losses.Add(table, name.Key, new Loss(old, made, entry.IsRefused));
                continue;
            }

            if (KeyRules.Decide(state, read.Known.Next ?? 0) is not { } outcome)
                continue;
            decided.Add(new UnappliedRow(name, table, outcome.Contested, outcome.RowLoss));
            foreach (var loss in outcome.Losses)
                losses.Add(table, name.Key, loss);
        }

        await contested.StoreAsync(decided, losses, cancel);
        var ids = read.Known.Overwrites.Select(overwrite => overwrite.Id).ToArray();
        if (ids.Length > 0)
            await Announcing.ExecuteAsync(
                new CommandDefinition("delete from trktr.overwrite_log where id = any (@ids)", new { ids }, cancellationToken: cancel)
            );
        await contested.AnnounceAsync(cancel);
        await transaction.CommitAsync(cancel);
        return ([.. decided.Where(row => row.Entry.IsWritable)], [.. settled.Winners, .. read.Known.Winners]);
    }

    /// <summary>
    /// Writes rows. Those with blocking rows are decided against them, and written when they are processed again.
    /// </summary>
    private async Task WriteAsync(IReadOnlyList<UnappliedRow> unapplied, CancellationToken cancel)
    {
        var refused = await restorer.WriteAsync(unapplied, cancel);
        if (refused.Count == 0)
            return;
        // The session has its name in many places: the next one makes it again.
        if (refused.Select(row => row.Error).FirstOrDefault(ApplyErrors.IsRoutineGone) is { } gone)
            throw gone;
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
            // An application holds a blocking row.
        }

        if (failed.Count > 0)
            Failure = failed[0];
        nextRetry = Environment.TickCount64 + Retry;
    }
}
