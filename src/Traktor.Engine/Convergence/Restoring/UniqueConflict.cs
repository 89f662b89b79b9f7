using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.Engine.Convergence.Restoring;

/// <summary>
/// Decides versions that cannot be written because other rows block them through a unique key or an exclusion
/// constraint. A blocking row that is itself to be rewritten is deleted for the moment; otherwise one of the two rows
/// is deleted (<see cref="UniqueConflictRules"/>) on every node.
/// </summary>
internal sealed class UniqueConflict(ConvergenceSession session, int self, ContestedKeyStore contested, RowRestorer restorer)
{
    /// <summary>
    /// Decides them against their blocking rows and announces the outcome. The resulting rows are written like all
    /// unapplied rows. Npgsql's exceptions propagate.
    /// </summary>
    /// <returns>Whether anything was decided.</returns>
    public async Task<bool> DecideAsync(IReadOnlyList<UnappliedRow> blocked, CancellationToken cancel)
    {
        var aside = new List<UnappliedRow>();
        var decided = new List<UnappliedRow>();
        await using (var transaction = await session.Announcing.BeginTransactionAsync(cancel))
        {
            await contested.HoldHeartbeatAsync(cancel);
            var keys = blocked.Select(row => (row.Name, row.Table)).ToList();
            keys.AddRange(
                (await ReadAsync(blocked, cancel))
                    .Select(blocking => (blocking.Row, blocked[blocking.Version].Table))
                    .Where(blocking => !keys.Exists(key => key.Name == blocking.Row))
                    .Distinct()
            );
            var read = await KeyStates.LockAsync(session.AnnouncingOwners, self, keys, cancel);
            var places = keys.Select((key, n) => (key.Name, n)).ToDictionary(key => key.Name, key => key.n);
            var priorities = new NodePriorities(
                (
                    await session.Announcing.QueryAsync<(int Node, int Rank)>(
                        new CommandDefinition("select node_id, priority from trktr.node_priority", cancellationToken: cancel)
                    )
                ).ToDictionary(row => row.Node, row => row.Rank)
            );
            var losses = new LossRecord(self);
            // Read again: the rows that block now are locked.
            foreach (
                var version in (await ReadAsync(blocked, cancel))
                    .Where(blocking => places.ContainsKey(blocking.Row))
                    .GroupBy(blocking => blocking.Version)
            )
            {
                if (read.States[version.Key].Contested is not { IsWritable: true } entry || entry.Version.IsTombstone)
                    continue;
                var blockers = version
                    .DistinctBy(blocking => blocking.Row)
                    .Select(blocking => (blocking.Index, N: places[blocking.Row]))
                    .Where(blocking => read.States[blocking.N].Row is not null)
                    .ToList();
                aside.AddRange(
                    blockers
                        .Where(blocking => IsToBeWritten(read.States[blocking.N]))
                        .Select(blocking => new UnappliedRow(
                            keys[blocking.N].Name,
                            keys[blocking.N].Table,
                            read.States[blocking.N].Contested!
                        ))
                );
                blockers.RemoveAll(blocking => IsToBeWritten(read.States[blocking.N]));
                var winner = blockers.Find(blocking =>
                    !UniqueConflictRules.WinsOver(
                        entry.Version,
                        read.States[blocking.N].Row!,
                        blocked[version.Key].Table.Target.Policy,
                        self,
                        priorities
                    )
                );
                var isLost = winner != default;
                foreach (var (index, n) in isLost ? [winner] : blockers)
                {
                    var (loser, row) = (isLost ? version.Key : n, read.States[n].Row!);
                    var deletion = isLost
                        ? UniqueConflictRules.Deletion(entry.Version, row)
                        : UniqueConflictRules.Deletion(row, entry.Version);
                    var outcome = KeyRules.Decide(read.States[loser] with { Overwrites = [], Winners = [deletion] }, read.Known.Next ?? 0);
                    // A later version is already known; when it is written it may or may not make room.
                    if (outcome?.Contested.Version.IsSameVersion(deletion) != true)
                        continue;
                    // The loss of an existing row is recorded when it is deleted, that of a version that is never
                    // written now.
                    var loss = new Loss(row, entry.Version, isLost, index, IsInsert: read.States[version.Key].Row is null);
                    decided.Add(
                        new UnappliedRow(
                            keys[loser].Name,
                            keys[loser].Table,
                            outcome.Contested with
                            {
                                IsUnsent = true,
                                IsSent = false,
                            },
                            isLost ? null : loss
                        )
                    );
                    if (isLost)
                        losses.Add(keys[loser].Table, keys[loser].Name.Key, loss);
                }
            }

            decided = [.. decided.DistinctBy(row => row.Name)];
            await contested.StoreAsync(decided, losses, cancel);
            await contested.AnnounceAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        await restorer.TakeAwayAsync([.. aside.DistinctBy(row => row.Name)], cancel);
        await restorer.WriteAsync([.. decided.Where(row => row.Entry.IsWritable)], cancel);
        return decided.Count + aside.Count > 0;
    }

    private static bool IsToBeWritten(KeyState state) => state.Contested is { } entry && entry.MayWriteOver(state.Row?.Stamp);

    private async Task<List<(int Version, string Index, KeyName Row)>> ReadAsync(
        IReadOnlyList<UnappliedRow> blocked,
        CancellationToken cancel
    )
    {
        var found = new List<(int, string, KeyName)>();
        foreach (var group in blocked.Select((row, n) => (row, n)).GroupBy(pair => pair.row.Table))
        {
            if (group.Key.ReadBlockingRows() is not { } statement)
                continue;
            var rows = group.ToList();
            await using var batch = new NpgsqlBatch(session.Announcing);
            var command = new NpgsqlBatchCommand(statement);
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    Value = rows.Select(pair => pair.row.Name.Key).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                }
            );
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    Value = rows.Select(pair => pair.row.Entry.Version.Image).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                }
            );
            foreach (
                var part in await session.AnnouncingOwners.CommandsAsync(
                    group.Key.Target.OtherOwner,
                    command,
                    ConvergedTable.BlockingColumns,
                    cancel
                )
            )
                batch.BatchCommands.Add(part);
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            do
            {
                while (await reader.ReadAsync(cancel))
                    found.Add(
                        (rows[reader.GetInt32(0) - 1].n, reader.GetString(1), new KeyName(group.Key.Target.Table, reader.GetString(2)))
                    );
            } while (await reader.NextResultAsync(cancel));
        }

        return found;
    }
}
