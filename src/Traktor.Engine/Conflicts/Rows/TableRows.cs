using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>
/// Reads single rows of replicated tables, and lets the server check values before they are written. Changes nothing.
/// </summary>
public sealed class TableRows(LocalNode local)
{
    /// <summary>The current row of a key.</summary>
    /// <param name="relation">The table's name as the user wrote it.</param>
    /// <param name="key">An object with the key columns, as conflicts show it.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Malformed name or key; NotFound when the table is not replicated on this
    /// node; Conflict when the node is not initialised; Unavailable.</exception>
    public Task<RowFound> FindAsync(string relation, JsonElement key, CancellationToken cancel) =>
        AskAsync(
            async connection =>
            {
                var table = await TableAsync(connection, TableName.Parse(relation), cancel);
                await using var session = await TextSession.BeginAsync(local.Database, connection, isReadOnly: true, cancel);
                return await FindAsync(connection, session, table, key, cancel);
            },
            cancel
        );

    /// <summary>Both versions of a conflict, and the current row.</summary>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public Task<ConflictRows> OfAsync(HistoryEntry entry, CancellationToken cancel) =>
        AskAsync(
            async connection =>
            {
                try
                {
                    var table = await TableAsync(connection, TableName.Parse(entry.Relation), cancel);
                    await using var session = await TextSession.BeginAsync(local.Database, connection, isReadOnly: true, cancel);
                    var images = new List<IReadOnlyDictionary<string, string?>>();
                    foreach (var row in RowJson.Rows(entry.LocalRow))
                        images.Add(await ReadAsync(session, table, row, isText: false, cancel));
                    return new ConflictRows(
                        local.NodeId,
                        table.Columns,
                        images,
                        RowJson.Rows(entry.RemoteRow) is [var remote, ..]
                            ? await ReadAsync(session, table, remote, isText: entry.ConflictType == ConflictType.ApplyError, cancel)
                            : null,
                        RowJson.Rows(entry.MergedRow) is [var merged, ..]
                            ? await ReadAsync(session, table, merged, isText: false, cancel)
                            : null,
                        entry.Key is { ValueKind: JsonValueKind.Object } key
                            ? await FindAsync(connection, session, table, key, cancel)
                            : null,
                        null
                    );
                }
                catch (Exception e) when (e is RefusedException { Kind: not RefusalKind.Unavailable } or PostgresException)
                {
                    var refused = e as RefusedException ?? PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
                    return new ConflictRows(
                        local.NodeId,
                        [],
                        [.. RowJson.Rows(entry.LocalRow).Select(RowJson.Texts)],
                        RowJson.Rows(entry.RemoteRow).Select(RowJson.Texts).FirstOrDefault(),
                        RowJson.Rows(entry.MergedRow).Select(RowJson.Texts).FirstOrDefault(),
                        null,
                        refused.Message
                    );
                }
            },
            cancel
        );

    /// <summary>Checks columns that are to be written, in the form that a merge takes.</summary>
    /// <exception cref="RefusedException">Malformed name; NotFound when the table is not replicated on this node;
    /// Conflict when the node is not initialised; Unavailable.</exception>
    public Task<RowCheck> CheckAsync(string relation, JsonElement row, CancellationToken cancel) =>
        AskAsync(
            async connection =>
            {
                var table = await TableAsync(connection, TableName.Parse(relation), cancel);
                await using var session = await TextSession.BeginAsync(local.Database, connection, isReadOnly: true, cancel);
                return await new RowChecker(session, table, local.NodeId).CheckAsync(row, cancel);
            },
            cancel
        );

    internal static async Task<IReadOnlyDictionary<string, string?>> ReadAsync(
        TextSession session,
        RowTable table,
        JsonElement row,
        bool isText,
        CancellationToken cancel
    )
    {
        var columns = table.Columns.Where(column => row.TryGetProperty(column.Name, out _)).ToList();
        if (columns.Count == 0)
            return new Dictionary<string, string?>();
        var values = (
            await session.ReadAsync(table, table.Values(columns, isText), row, isText ? columns.Select(column => column.Name) : [], cancel)
        )[0];
        return columns.Zip(values).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
    }

    /// <summary>Reads the row of a key in the current transaction.</summary>
    internal async Task<RowFound> FindAsync(
        NpgsqlConnection connection,
        TextSession session,
        RowTable table,
        JsonElement key,
        CancellationToken cancel
    )
    {
        var known = table.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var names = key.EnumerateObject().Select(column => column.Name).ToList();
        if (names.Count == 0 || names.Find(name => !known.Contains(name)) is not null)
            throw RefusedException.Malformed(
                $"The key does not match the key of {table.Table}.",
                $"The key columns are ({string.Join(", ", table.Columns.Where(column => column.IsKey).Select(column => column.Name))})."
            );
        var tracks = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition("select current_setting('track_commit_timestamp')::boolean", cancellationToken: cancel)
        );
        var rows = await session.ReadAsync(table, table.Select(names, tracks), key, [], cancel);
        if (rows.Count > 1)
            throw RefusedException.Malformed(
                $"Several rows of {table.Table} have these values.",
                $"The key columns are ({string.Join(", ", table.Columns.Where(column => column.IsKey).Select(column => column.Name))})."
            );
        var row = rows.Count == 0 ? null : rows[0];
        return new RowFound(
            local.NodeId,
            table.Table.ToString(),
            key,
            table.Columns,
            row is null ? null : table.Columns.Zip(row).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal),
            row?[^2] is { } stamp
                ? DateTimeOffset.Parse(
                    stamp,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
                )
                : null,
            row?[^1] is { } origin ? int.Parse(origin, CultureInfo.InvariantCulture) : null
        );
    }

    /// <summary>Finds the table by the name as written, or as SQL folds it.</summary>
    internal async Task<RowTable> TableAsync(NpgsqlConnection connection, TableName written, CancellationToken cancel)
    {
        try
        {
            return await RowTable.ReadAsync(connection, written, local.NodeId, cancel);
        }
        catch (RefusedException e) when (e.Kind == RefusalKind.NotFound && written.Folded() != written)
        {
            return await RowTable.ReadAsync(connection, written.Folded(), local.NodeId, cancel);
        }
    }

    private async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancel)
    {
        await using var connection = await local.OpenAloneAsync(cancel);
        try
        {
            return await ask(connection);
        }
        // The caller sent a value that does not fit its column's type.
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw new RefusedException(RefusalKind.Malformed, $"A value does not fit its column: {e.MessageText}.", null, e);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
