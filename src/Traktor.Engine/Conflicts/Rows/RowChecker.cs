using System.Text.Json;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>
/// Lets the server parse values for a table's columns, and reports what is wrong with each. It checks types, domains,
/// NOT NULL and, for whole rows, check constraints; unique keys are checked only when the row is written.
/// </summary>
internal sealed class RowChecker(TextSession session, RowTable table, int node)
{
    private readonly List<ColumnError> errors = [];

    /// <param name="row">The columns to write, as JSON values. Other columns keep their values.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async Task<RowCheck> CheckAsync(JsonElement row, CancellationToken cancel)
    {
        var known = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var given in row.EnumerateObject())
        {
            if (!known.TryGetValue(given.Name, out var column))
                errors.Add(new(given.Name, $"{table.Table} has no such column."));
            else if (column.IsGenerated)
                errors.Add(new(given.Name, "The column is generated and cannot be written."));
            else if (column.IsRequired && given.Value.ValueKind == JsonValueKind.Null)
                errors.Add(new(given.Name, "It cannot be NULL."));
        }

        var read = await ReadAsync(row, cancel);
        // A check would see NULL for a column that is left out, and could fail without reason.
        if (errors.Count == 0 && table.Columns.All(column => column.IsGenerated || row.TryGetProperty(column.Name, out _)))
            await ChecksAsync(row, cancel);
        return new RowCheck(node, table.Table.ToString(), read, errors);
    }

    private async Task<IReadOnlyDictionary<string, string?>> ReadAsync(JsonElement row, CancellationToken cancel)
    {
        if (await TryAsync(async () => await TableRows.ReadAsync(session, table, row, isText: false, cancel), cancel) is { } all)
            return all;
        // The server reports the error, but not the column.
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
                errors.Add(new("", $"The row would violate the check constraint {table.Checks[i].Name}: {table.Checks[i].Expression}."));
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
