using System.Text.Json;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>
/// Has the server read values into a table's columns, and says of each what is wrong with it. Types, domains, NOT NULL
/// and, of whole rows, checks are seen; unique keys only when it is written.
/// </summary>
internal sealed class RowChecker(TextSession session, RowTable table, int node)
{
    private readonly List<ColumnError> errors = [];

    /// <param name="row">The columns to write, JSON's own values; those left out keep theirs.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<RowCheck> CheckAsync(JsonElement row, CancellationToken cancel)
    {
        var known = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var given in row.EnumerateObject())
        {
            if (!known.TryGetValue(given.Name, out var column))
                errors.Add(new(given.Name, $"{table.Table} has no such column."));
            else if (column.IsGenerated)
                errors.Add(new(given.Name, "It is computed from other columns and cannot be written."));
            else if (column.IsRequired && given.Value.ValueKind == JsonValueKind.Null)
                errors.Add(new(given.Name, "It cannot be NULL."));
        }

        var read = await ReadAsync(row, cancel);
        // A check sees NULL for a column that is left out, and would complain without need.
        if (errors.Count == 0 && table.Columns.All(column => column.IsGenerated || row.TryGetProperty(column.Name, out _)))
            await ChecksAsync(row, cancel);
        return new RowCheck(node, table.Table.ToString(), read, errors);
    }

    private async Task<IReadOnlyDictionary<string, string?>> ReadAsync(JsonElement row, CancellationToken cancel)
    {
        if (await TryAsync(async () => await TableRows.ReadAsync(session, table, row, isText: false, cancel), cancel) is { } all)
            return all;
        // The server says what is wrong, but not with which column.
        var read = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var column in table.Columns.Where(column => row.TryGetProperty(column.Name, out _)))
            if (
                await TryAsync(
                    async () => await session.ReadAsync(table.Values([column], isText: false), Only(row, column.Name), [], cancel),
                    cancel,
                    column.Name
                )
                is [var value, ..]
            )
                read[column.Name] = value[0];
        return read;
    }

    private async Task ChecksAsync(JsonElement row, CancellationToken cancel)
    {
        if (table.Checks.Count == 0)
            return;
        var broken = await TryAsync(async () => await session.ReadAsync(table.Broken(), row, [], cancel), cancel);
        for (var i = 0; broken is [var row0, ..] && i < table.Checks.Count; i++)
            if (row0[i] == "t")
                errors.Add(new("", $"The row would violate the check {table.Checks[i].Name}: {table.Checks[i].Expression}."));
    }

    private async Task<T?> TryAsync<T>(Func<Task<T>> work, CancellationToken cancel, string? column = null)
        where T : class
    {
        await session.ExecuteAsync("savepoint trktr_value", cancel);
        try
        {
            return await work();
        }
        catch (PostgresException e) when (e.SqlState is [var first, ..] && first is '2' or '4')
        {
            await session.ExecuteAsync("rollback to savepoint trktr_value", cancel);
            if (column is not null)
                errors.Add(new(column, $"{PostgresErrors.InWords(e)}."));
            return null;
        }
    }

    private static JsonElement Only(JsonElement row, string column) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [column] = row.GetProperty(column) });
}
