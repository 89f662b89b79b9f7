using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Comparisons;

/// <summary>What comparisons have found so far, in <c>trktr.comparison_table</c> and
/// <c>trktr.comparison_key</c>.</summary>
public sealed class ComparisonStore(LocalNode local)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Adds the tables of a new comparison, in a transaction of the caller's.</summary>
    internal static Task AddAsync(
        NpgsqlConnection connection,
        long id,
        IReadOnlyList<TableName> tables,
        IReadOnlyList<int> nodes,
        int share,
        CancellationToken cancel
    ) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Comparisons/insert_tables.sql"),
                new
                {
                    id,
                    schemas = tables.Select(table => table.Schema).ToArray(),
                    names = tables.Select(table => table.Name).ToArray(),
                    nodes = nodes.ToArray(),
                    share,
                },
                cancellationToken: cancel
            )
        );

    /// <summary>The tables of a comparison.</summary>
    internal async Task<IReadOnlyList<StoredTable>> TablesAsync(long id, CancellationToken cancel) =>
        (await TablesAsync([id], cancel)).GetValueOrDefault(id, []);

    /// <summary>The tables of some comparisons.</summary>
    internal Task<Dictionary<long, IReadOnlyList<StoredTable>>> TablesAsync(IReadOnlyList<long> ids, CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                var rows = await connection.QueryAsync<(long Id, string Tables)>(
                    new CommandDefinition(
                        SqlFile.Read("Comparisons/read_tables.sql"),
                        new { ids = ids.ToArray() },
                        cancellationToken: cancel
                    )
                );
                return rows.ToDictionary(row => row.Id, row => JsonSerializer.Deserialize<IReadOnlyList<StoredTable>>(row.Tables, Json)!);
            },
            cancel
        );

    /// <summary>Notes how a table is compared, and that it is begun.</summary>
    /// <param name="id">The comparison.</param>
    /// <param name="table">The table.</param>
    /// <param name="plan">How it is compared.</param>
    /// <param name="resync">The records of rows that nodes may lack, which it closes if the table is equal.</param>
    /// <param name="cancel">Cancels the call.</param>
    internal Task BeginAsync(long id, TableName table, ComparisonPlan plan, IReadOnlyList<Guid> resync, CancellationToken cancel) =>
        WriteAsync(
            "Comparisons/begin_table.sql",
            new
            {
                id,
                schema = table.Schema,
                name = table.Name,
                plan = JsonSerializer.Serialize(plan, Json),
                resync = resync.ToArray(),
            },
            cancel
        );

    /// <summary>Notes that a range was compared, with the keys that were not equal in it.</summary>
    internal Task SaveRangeAsync(
        long id,
        TableName table,
        IReadOnlyList<string>? next,
        long rows,
        bool isScanned,
        IReadOnlyList<StoredKey> keys,
        CancellationToken cancel
    ) =>
        WriteAsync(
            "Comparisons/write_range.sql",
            new
            {
                id,
                schema = table.Schema,
                name = table.Name,
                next = next?.ToArray(),
                rows,
                isScanned,
                keys = JsonSerializer.Serialize(keys, Json),
            },
            cancel
        );

    /// <summary>A page of keys of a table: those without a verdict, or those with one.</summary>
    internal Task<IReadOnlyList<StoredKey>> KeysAsync(
        long id,
        TableName table,
        bool isOpen,
        long after,
        int limit,
        CancellationToken cancel
    ) =>
        local.AskAsync<IReadOnlyList<StoredKey>>(
            async connection =>
                JsonSerializer.Deserialize<IReadOnlyList<StoredKey>>(
                    (
                        await connection.QuerySingleAsync<string>(
                            new CommandDefinition(
                                SqlFile.Read("Comparisons/read_keys.sql"),
                                new
                                {
                                    id,
                                    schema = table.Schema,
                                    name = table.Name,
                                    isOpen,
                                    after,
                                    limit,
                                },
                                cancellationToken: cancel
                            )
                        )
                    )!,
                    Json
                )!,
            cancel
        );

    /// <summary>Notes what another reading of keys has shown; those that are equal are deleted.</summary>
    internal Task SaveKeysAsync(long id, IReadOnlyList<long> equal, IReadOnlyList<StoredKey> others, CancellationToken cancel) =>
        WriteAsync(
            "Comparisons/write_keys.sql",
            new
            {
                id,
                equal = equal.ToArray(),
                others = JsonSerializer.Serialize(others, Json),
            },
            cancel
        );

    /// <summary>Gives every key of a table that has no verdict the one that it was always in flight.</summary>
    internal Task GiveUpAsync(long id, TableName table, CancellationToken cancel) =>
        WriteAsync(
            "Comparisons/give_up_keys.sql",
            new
            {
                id,
                schema = table.Schema,
                name = table.Name,
            },
            cancel
        );

    /// <summary>Notes that a table is done.</summary>
    internal Task FinishAsync(long id, TableName table, string? problem, CancellationToken cancel) =>
        WriteAsync(
            "Comparisons/finish_table.sql",
            new
            {
                id,
                schema = table.Schema,
                name = table.Name,
                problem,
            },
            cancel
        );

    /// <summary>Takes back the verdicts of differences, so that they are read again.</summary>
    internal Task ReopenAsync(long id, IReadOnlyList<long>? keys, string? table, CancellationToken cancel)
    {
        var name = table is null ? null : TableName.Parse(table);
        return WriteAsync(
            "Comparisons/reopen_keys.sql",
            new
            {
                id,
                keys = keys?.ToArray(),
                schema = name?.Schema,
                name = name?.Name,
            },
            cancel
        );
    }

    /// <summary>Deletes everything that a comparison has found.</summary>
    internal Task DeleteAsync(long id, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(
                        "delete from trktr.comparison_table where task_id = @id",
                        new { id },
                        commandTimeout: 600,
                        cancellationToken: cancel
                    )
                ),
            cancel
        );

    private Task WriteAsync(string file, object parameters, CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read(file), parameters, commandTimeout: 60, cancellationToken: cancel)
                ),
            cancel
        );
}
