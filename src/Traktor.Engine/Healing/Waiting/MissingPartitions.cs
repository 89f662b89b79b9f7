using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Waiting;

/// <summary>
/// Which partitions of a table the peer has and this node lacks, each with the statement that makes it: there is no
/// partition here for a row of the peer's.
/// </summary>
internal static class MissingPartitions
{
    private const int MostNamed = 3;

    /// <summary>What to do, in a sentence with the statements.</summary>
    public static async Task<string> HintAsync(NpgsqlConnection here, NpgsqlConnection peer, TableName table, CancellationToken cancel)
    {
        var known = (await ReadAsync(here, table, cancel)).Select(part => part.Table).ToHashSet();
        var statements = new List<string>();
        foreach (var part in (await ReadAsync(peer, table, cancel)).Where(part => !known.Contains(part.Table)))
            statements.Add(StatementFor(part, await ExistsAsync(here, part.Table, cancel)));
        return HintOf(table, statements);
    }

    /// <summary>The statement that makes a partition, or attaches the table that is there under its name.</summary>
    internal static string StatementFor(Partition part, bool isDetached) =>
        isDetached
            ? $"ALTER TABLE {part.Parent.Quoted} ATTACH PARTITION {part.Table.Quoted} {part.Bound};"
            : $"CREATE TABLE {part.Table.Quoted} PARTITION OF {part.Parent.Quoted} {part.Bound}"
                + $"{(part.Key is { } key ? $" PARTITION BY {key}" : "")};";

    /// <summary>The hint with these statements.</summary>
    internal static string HintOf(TableName table, IReadOnlyList<string> statements) =>
        statements.Count switch
        {
            0 => $"Create a partition of {table} for that row, for example: CREATE TABLE part PARTITION OF {table.Quoted} DEFAULT;",
            1 => $"The peer has a partition of {table} that this node lacks: {statements[0]}",
            _ => $"The peer has {statements.Count} partitions of {table} that this node lacks: "
                + $"{string.Join(' ', statements.Take(MostNamed))}{(statements.Count > MostNamed ? " ..." : "")}",
        };

    private static async Task<IReadOnlyList<Partition>> ReadAsync(NpgsqlConnection connection, TableName table, CancellationToken cancel) =>
        [
            .. (
                await connection.QueryAsync<Row>(
                    new CommandDefinition(
                        SqlFile.Read("Healing/Waiting/read_partitions.sql"),
                        new { table = table.Quoted },
                        cancellationToken: cancel
                    )
                )
            ).Select(row => new Partition(
                new TableName(row.Schema, row.Name),
                new TableName(row.ParentSchema, row.ParentName),
                row.Bound,
                row.Key
            )),
        ];

    private static Task<bool> ExistsAsync(NpgsqlConnection here, TableName table, CancellationToken cancel) =>
        here.ExecuteScalarAsync<bool>(
            new CommandDefinition("select to_regclass(@table) is not null", new { table = table.Quoted }, cancellationToken: cancel)
        );

    /// <summary>A partition.</summary>
    /// <param name="Table">The partition.</param>
    /// <param name="Parent">What it is a partition of.</param>
    /// <param name="Bound">FOR VALUES … or DEFAULT.</param>
    /// <param name="Key">How it is partitioned itself; null when it is not.</param>
    internal sealed record Partition(TableName Table, TableName Parent, string Bound, string? Key);

    private sealed record Row(string Schema, string Name, string ParentSchema, string ParentName, string Bound, string? Key);
}
