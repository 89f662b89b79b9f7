using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Keys;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence.ContestedKeys;

/// <summary>
/// Keys that the server has settled by itself, many at a time: those whose row here is already the greatest version.
/// <c>settle_keys.sql</c> decides them as <see cref="KeyRules.Decide"/> does, without sending what waits for them to
/// the arbiter and back; SettledKeysTests compares both.
/// </summary>
/// <param name="Places">Their positions among the keys.</param>
/// <param name="Winners">The winners that waited for them, which are still to be deleted.</param>
internal sealed record SettledKeys(IReadOnlySet<int> Places, IReadOnlyList<KnownKeys.Winner> Winners)
{
    /// <summary>No keys.</summary>
    public static SettledKeys None { get; } = new(new HashSet<int>(), []);

    /// <summary>
    /// Settles those that can be settled so. Runs inside the transaction that has locked the rows; Npgsql's exceptions
    /// propagate.
    /// </summary>
    /// <param name="announcing">The announcing session.</param>
    /// <param name="self">This node.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="rows">The row of each, locked.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task<SettledKeys> SettleAsync(
        NpgsqlConnection announcing,
        int self,
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        IReadOnlyList<RowVersion?> rows,
        CancellationToken cancel
    )
    {
        var settled = new HashSet<int>();
        var winners = new List<KnownKeys.Winner>();
        var tables = Enumerable
            .Range(0, keys.Count)
            .Where(n => keys[n].Table.Converges && rows[n] is { IsIncomplete: false, Stamp.IsKnown: true })
            .GroupBy(n => keys[n].Table);
        foreach (var table in tables)
        {
            var places = table.ToArray();
            await using var command = Command(announcing, self, table.Key, places, keys, rows);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                var place = places[reader.GetInt32(0)];
                settled.Add(place);
                if (!await reader.IsDBNullAsync(1, cancel))
                    winners.Add(new KnownKeys.Winner(place, reader.GetInt32(1), reader.GetInt64(2), default, 0, null, false));
            }
        }

        return new SettledKeys(settled, winners);
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection announcing,
        int self,
        ConvergedTable table,
        int[] places,
        IReadOnlyList<(KeyName Name, ConvergedTable Table)> keys,
        IReadOnlyList<RowVersion?> rows
    )
    {
        var name = table.Target.Table;
        var command = new NpgsqlCommand(SqlFile.Read("Convergence/ContestedKeys/settle_keys.sql"), announcing);
        void Add<T>(string parameter, T value, NpgsqlDbType type) =>
            command.Parameters.Add(new NpgsqlParameter<T>(parameter, type) { TypedValue = value });
        void AddEach<T>(string parameter, Func<int, T> value, NpgsqlDbType type) =>
            Add(parameter, Array.ConvertAll(places, n => value(n)), NpgsqlDbType.Array | type);
        Add("schema", name.Schema, NpgsqlDbType.Text);
        Add("table", name.Name, NpgsqlDbType.Text);
        Add("relation", name.ToString(), NpgsqlDbType.Text);
        Add("policy", ConflictWords.Of(table.Target.Policy), NpgsqlDbType.Text);
        Add("holdsJson", table.Target.HoldsJson, NpgsqlDbType.Boolean);
        Add("node", self, NpgsqlDbType.Integer);
        AddEach("keys", n => keys[n].Name.Key, NpgsqlDbType.Text);
        AddEach("images", n => rows[n]!.Image!, NpgsqlDbType.Text);
        AddEach("times", n => rows[n]!.Stamp.Committed.UtcDateTime, NpgsqlDbType.TimestampTz);
        AddEach("nodes", n => rows[n]!.Stamp.Node, NpgsqlDbType.Integer);
        return command;
    }
}
