using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Applying;

namespace Traktor.Engine.Convergence;

/// <summary>
/// Decides versions that cannot be written because other rows stand in their way by a unique key or an exclusion
/// constraint. A row in the way that is to be brought to another version itself steps aside; otherwise one of the two
/// goes (<see cref="RivalRules"/>), everywhere.
/// </summary>
internal sealed class RivalContest(ConvergenceSession session, int self, RegisterStore register, RowRestorer restorer)
{
    /// <summary>
    /// Decides them, with the rows in their way, and tells; what follows is written as all that is due. Throws what
    /// Npgsql throws.
    /// </summary>
    /// <returns>Whether anything was decided.</returns>
    public async Task<bool> DecideAsync(IReadOnlyList<DueRow> blocked, CancellationToken cancel)
    {
        var aside = new List<DueRow>();
        var decided = new List<DueRow>();
        await using (var transaction = await session.Teller.BeginTransactionAsync(cancel))
        {
            await register.HoldHeartbeatAsync(cancel);
            var keys = blocked.Select(row => (row.Name, row.Table)).ToList();
            keys.AddRange(
                (await ReadAsync(blocked, cancel))
                    .Select(rival => (rival.Row, blocked[rival.Version].Table))
                    .Where(rival => !keys.Exists(key => key.Name == rival.Row))
                    .Distinct()
            );
            var read = await KeyStates.LockAsync(session.Teller, self, keys, cancel);
            var places = keys.Select((key, n) => (key.Name, n)).ToDictionary(key => key.Name, key => key.n);
            var priorities = new NodePriorities(
                (
                    await session.Teller.QueryAsync<(int Node, int Rank)>(
                        new CommandDefinition("select node_id, priority from trktr.node_priority", cancellationToken: cancel)
                    )
                ).ToDictionary(row => row.Node, row => row.Rank)
            );
            var losses = new LossRecord(self);
            // Read again: what stands in the way now is locked.
            foreach (
                var version in (await ReadAsync(blocked, cancel))
                    .Where(rival => places.ContainsKey(rival.Row))
                    .GroupBy(rival => rival.Version)
            )
            {
                if (read.States[version.Key].Register is not { IsWritable: true } entry || entry.Version.IsTombstone)
                    continue;
                var rivals = version
                    .DistinctBy(rival => rival.Row)
                    .Select(rival => (rival.Index, N: places[rival.Row]))
                    .Where(rival => read.States[rival.N].Row is not null)
                    .ToList();
                aside.AddRange(
                    rivals
                        .Where(rival => IsToBeWritten(read.States[rival.N]))
                        .Select(rival => new DueRow(keys[rival.N].Name, keys[rival.N].Table, read.States[rival.N].Register!))
                );
                rivals.RemoveAll(rival => IsToBeWritten(read.States[rival.N]));
                var winner = rivals.Find(rival =>
                    !RivalRules.GoesBefore(
                        entry.Version,
                        read.States[rival.N].Row!,
                        blocked[version.Key].Table.Target.Policy,
                        self,
                        priorities
                    )
                );
                var isLost = winner != default;
                foreach (var (index, n) in isLost ? [winner] : rivals)
                {
                    var (loser, row) = (isLost ? version.Key : n, read.States[n].Row!);
                    var deletion = isLost ? RivalRules.Deletion(entry.Version, row) : RivalRules.Deletion(row, entry.Version);
                    var outcome = KeyRules.Decide(read.States[loser] with { Journal = [], Verdicts = [deletion] }, read.Known.Next ?? 0);
                    // A later version of it is known already, and will make room or not.
                    if (outcome?.Register.Version.IsSameVersion(deletion) != true)
                        continue;
                    // A row that goes is on record when it goes; a version that never comes, now.
                    var loss = new Loss(row, entry.Version, isLost, index, IsInsert: read.States[version.Key].Row is null);
                    decided.Add(
                        new DueRow(
                            keys[loser].Name,
                            keys[loser].Table,
                            outcome.Register with
                            {
                                IsOwed = true,
                                IsSent = false,
                            },
                            isLost ? null : loss
                        )
                    );
                    if (isLost)
                        losses.Add(keys[loser].Name, keys[loser].Table.Target.Policy, loss);
                }
            }

            decided = [.. decided.DistinctBy(row => row.Name)];
            await register.RememberAsync(decided, losses, cancel);
            await register.TellAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        await restorer.TakeAwayAsync([.. aside.DistinctBy(row => row.Name)], cancel);
        await restorer.WriteAsync([.. decided.Where(row => row.Entry.IsWritable)], cancel);
        return decided.Count + aside.Count > 0;
    }

    private static bool IsToBeWritten(KeyState state) => state.Register is { IsWritable: true } entry && entry.DueOver == state.Row?.Stamp;

    private async Task<List<(int Version, string Index, KeyName Row)>> ReadAsync(IReadOnlyList<DueRow> blocked, CancellationToken cancel)
    {
        var found = new List<(int, string, KeyName)>();
        foreach (var group in blocked.Select((row, n) => (row, n)).GroupBy(pair => pair.row.Table))
        {
            if (group.Key.ReadRivals() is not { } statement)
                continue;
            var rows = group.ToList();
            await using var batch = new NpgsqlBatch(session.Teller);
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
            foreach (var part in ApplySql.AsOwner(group.Key.Target, command))
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
