using Npgsql;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>
/// Keys and tables that applications keep locked, perhaps for an hour. They are skipped until they are free, so that
/// they do not delay others. Only in memory: after a restart the arbiter finds them again.
/// </summary>
/// <param name="announcing">The session that locks rows to decide, outside a transaction when it is used here. Npgsql's
/// exceptions propagate.</param>
internal sealed class HeldKeys(OwnerSession announcing)
{
    private const int Interval = 500;

    private List<(KeyName Name, ConvergedTable? Table)> held = [];
    private long nextLook;

    /// <summary>The held keys, as arrays for a statement.</summary>
    public (string[] Schemas, string[] Tables, string[] Keys) Names =>
        (
            [.. held.Select(key => key.Name.Table.Schema)],
            [.. held.Select(key => key.Name.Table.Name)],
            [.. held.Select(key => key.Name.Key)]
        );

    /// <summary>Checks twice a second which of them are free again.</summary>
    public async ValueTask LookAsync(CancellationToken cancel)
    {
        if (held.Count > 0 && Environment.TickCount64 >= nextLook)
            await FindAsync([], cancel);
    }

    /// <summary>Finds out which keys are held after some could not be locked.</summary>
    public Task FindAsync(IEnumerable<(KeyName Name, ConvergedTable Table)> keys, CancellationToken cancel) =>
        FindAsync([.. held.Where(key => key.Table is not null).Select(key => (key.Name, key.Table!)), .. keys], cancel);

    /// <summary>Adds a table that is being altered, so that not even its description can be read.</summary>
    public void Add(TableName table)
    {
        held.Add((KeyName.OfAll(table), null));
        nextLook = Environment.TickCount64 + Interval;
    }

    private async Task FindAsync(List<(KeyName Name, ConvergedTable Table)> keys, CancellationToken cancel)
    {
        var found = new List<(KeyName, ConvergedTable?)>();
        foreach (var group in keys.GroupBy(key => key.Table))
        {
            var names = group.Select(key => key.Name).Where(name => !name.IsOfAll).Distinct().ToArray();
            await using var transaction = await announcing.Connection.BeginTransactionAsync(cancel);
            try
            {
                var all = await PlacesAsync(group.Key, isFree: false, names, cancel);
                var free = await PlacesAsync(group.Key, isFree: true, names, cancel);
                found.AddRange(all.Except(free).Select(place => (names[place], (ConvergedTable?)group.Key)));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                found.Add((KeyName.OfAll(group.Key.Target.Table), group.Key));
            }

            await transaction.RollbackAsync(cancel);
        }

        held = found;
        nextLook = Environment.TickCount64 + Interval;
    }

    private async Task<List<int>> PlacesAsync(ConvergedTable table, bool isFree, KeyName[] names, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(announcing.Connection);
        var read = new NpgsqlBatchCommand(table.FindRows(isFree));
        read.Parameters.Add(KeyStates.TextsOf(names));
        var commands = await announcing.CommandsAsync(table.Target.OtherOwner, read, ConvergedTable.FoundColumns, cancel);
        foreach (var command in LockTimeouts.Briefly(commands))
            batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var places = new List<int>();
        do
        {
            while (await reader.ReadAsync(cancel))
                places.Add(reader.GetInt32(0) - 1);
        } while (await reader.NextResultAsync(cancel));
        return places;
    }
}
