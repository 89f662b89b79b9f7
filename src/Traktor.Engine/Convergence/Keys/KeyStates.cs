using System.Text.Json;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>Locks rows and reads everything known about their keys.</summary>
internal sealed class KeyStates
{
    private KeyStates(IReadOnlyList<KeyState> states, KnownKeys known) => (States, Known) = (states, known);

    /// <summary>The state of each key, in their order.</summary>
    public IReadOnlyList<KeyState> States { get; }

    public KnownKeys Known { get; }

    /// <summary>
    /// Reads the states. The rows are locked first, so that no session can log an overwrite of them that this read
    /// would miss, and every later change sees that the key is contested. Runs inside a transaction; Npgsql's
    /// exceptions propagate.
    /// </summary>
    public static async Task<KeyStates> LockAsync(
        OwnerSession session,
        int self,
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        CancellationToken cancel
    ) => await ReadAsync(session.Connection, self, keys, await LockRowsAsync(session, self, keys, cancel), cancel);

    /// <summary>The first half: locks and reads the rows.</summary>
    public static async Task<RowVersion?[]> LockRowsAsync(
        OwnerSession session,
        int self,
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        CancellationToken cancel
    )
    {
        var rows = new RowVersion?[keys.Count];
        foreach (var group in keys.Select((key, n) => (key, n)).GroupBy(pair => pair.key.Table))
        {
            var places = group.Select(pair => pair.n).ToArray();
            await using var batch = new NpgsqlBatch(session.Connection);
            var read = new NpgsqlBatchCommand(group.Key.LockRows());
            read.Parameters.Add(TextsOf(group.Select(pair => pair.key.Name)));
            foreach (var command in await session.CommandsAsync(group.Key.Target.OtherOwner, read, ConvergedTable.LockedColumns, cancel))
                batch.BatchCommands.Add(command);
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            do
            {
                while (await reader.ReadAsync(cancel))
                {
                    var at = await reader.IsDBNullAsync(2, cancel)
                        ? Stamp.Unknown
                        : new DateTimeOffset(reader.GetFieldValue<DateTime>(2), TimeSpan.Zero);
                    var node = await reader.IsDBNullAsync(3, cancel) ? self : reader.GetInt32(3);
                    rows[places[reader.GetInt32(0) - 1]] = new RowVersion(
                        new Stamp(at, node),
                        reader.GetString(1),
                        node != self && reader.GetBoolean(4)
                    );
                }
            } while (await reader.NextResultAsync(cancel));
        }

        return rows;
    }

    /// <summary>The second half: reads what is known about keys whose rows are locked.</summary>
    public static async Task<KeyStates> ReadAsync(
        NpgsqlConnection connection,
        int self,
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        IReadOnlyList<RowVersion?> rows,
        CancellationToken cancel
    )
    {
        var names = JsonSerializer.Serialize(keys.Select(key => new[] { key.Name.Table.Schema, key.Name.Table.Name, key.Name.Key }));
        var known = KnownKeys.Read(
            (
                await connection.QuerySingleAsync<string>(
                    new CommandDefinition(
                        SqlFile.Read("Convergence/Keys/read_known.sql"),
                        new { keys = names, node = self },
                        cancellationToken: cancel
                    )
                )
            )!
        );
        var now = new Stamp(known.Now, self);
        var overwrites = known.Overwrites.ToLookup(overwrite => overwrite.N);
        var winners = known.Winners.ToLookup(winner => winner.N);
        var contested = known.Contested.ToDictionary(kept => kept.N);
        return new KeyStates(
            [
                .. rows.Select(
                    (row, n) =>
                        new KeyState(
                            now,
                            row,
                            contested.TryGetValue(n, out var kept) ? EntryOf(kept) : null,
                            [.. overwrites[n].Select(overwrite => EntryOf(overwrite, self))],
                            [
                                .. winners[n]
                                    .Select(winner => new RowVersion(new Stamp(winner.At, winner.By), winner.Image, winner.Incomplete)),
                            ]
                        )
                ),
            ],
            known
        );
    }

    /// <summary>Some keys as a text array.</summary>
    public static NpgsqlParameter TextsOf(IEnumerable<KeyName> names) =>
        new() { Value = names.Select(name => name.Key).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static ContestedKey EntryOf(KnownKeys.Kept kept) =>
        new(
            new RowVersion(new Stamp(kept.At, kept.By), kept.Image, kept.Incomplete),
            kept.Touched,
            kept.Sent,
            kept.Unapplied,
            kept is { ReplacesAt: { } at, ReplacesNode: { } node } ? new Stamp(at, node) : null,
            kept.Unsent,
            kept.Decided
        );

    private static Overwrite EntryOf(KnownKeys.LoggedOverwrite overwrite, int self) =>
        new(
            (ulong)overwrite.Xid,
            overwrite.OldRow is null
                ? null
                : new RowVersion(
                    new Stamp(overwrite.OldAt ?? Stamp.Unknown, overwrite.OldNode ?? self),
                    overwrite.OldRow,
                    overwrite.OldIncomplete
                ),
            overwrite.IsHere
                ? null
                : new RowVersion(
                    new Stamp(overwrite.NewAt ?? Stamp.Unknown, overwrite.NewNode ?? self),
                    overwrite.NewRow,
                    overwrite.NewIncomplete
                ),
            overwrite.LoggedAt,
            overwrite.Refused,
            overwrite.Recorded switch
            {
                "a" => RecordedLosses.All,
                "l" => RecordedLosses.Later,
                _ => RecordedLosses.None,
            }
        );
}
