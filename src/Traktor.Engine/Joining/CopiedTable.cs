using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Joining;

/// <summary>A table that is copied, as the source's snapshot has it.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Policy">How its conflicts are decided.</param>
/// <param name="Detector">Whether its silent conflicts are detected.</param>
/// <param name="Owner">Its owner there, when that is another role than the session's; else null.</param>
/// <param name="Columns">Its columns, without generated ones.</param>
/// <param name="Parts">The table itself, or its partitions: what has pages.</param>
internal sealed record CopiedTable(
    string Schema,
    string Name,
    string Policy,
    bool Detector,
    string? Owner,
    IReadOnlyList<CopiedTable.Column> Columns,
    IReadOnlyList<CopiedTable.Part> Parts
)
{
    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The table.</summary>
    public TableName Table => new(Schema, Name);

    /// <summary>The names of the columns, for SQL.</summary>
    public string ColumnList => string.Join(", ", Columns.Select(column => Quote.Identifier(column.Name)));

    /// <summary>Reads the tables of the connected node's replicaset. Npgsql's exceptions propagate.</summary>
    public static async Task<IReadOnlyList<CopiedTable>> ReadAsync(NpgsqlConnection source, CancellationToken cancel) =>
        JsonSerializer.Deserialize<IReadOnlyList<CopiedTable>>(
            (
                await source.QuerySingleAsync<string>(
                    new CommandDefinition(SqlFile.Read("Joining/read_copied_tables.sql"), cancellationToken: cancel)
                )
            )!,
            Json
        )!;

    /// <summary>A column.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="Base">The same; of a domain its base type.</param>
    /// <param name="IsSimple">Whether reading a value of the base type runs no code but the server's.</param>
    internal sealed record Column(string Name, string Type, string Base, bool IsSimple);

    /// <summary>A relation with pages.</summary>
    /// <param name="Schema">Its schema.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Pages">How many pages it has, at least all that the snapshot sees.</param>
    /// <param name="Rows">How many rows, estimated.</param>
    /// <param name="Bytes">Its size, with large values.</param>
    internal sealed record Part(string Schema, string Name, long Pages, long Rows, long Bytes)
    {
        /// <summary>The relation.</summary>
        public TableName Relation => new(Schema, Name);
    }
}

/// <summary>A range of pages that is copied in one transaction.</summary>
/// <param name="Table">The table.</param>
/// <param name="Part">The relation.</param>
/// <param name="First">Its first page.</param>
/// <param name="End">The page after its last one; null for the last range, which has no end.</param>
internal sealed record CopyRange(CopiedTable Table, CopiedTable.Part Part, long First, long? End)
{
    /// <summary>How many pages a range has: 32 MB, and the large values of their rows.</summary>
    public const int Pages = 4096;

    /// <summary>The ranges of a table.</summary>
    public static IEnumerable<CopyRange> Of(CopiedTable table) =>
        from part in table.Parts
        from number in Enumerable.Range(0, (int)((part.Pages + Pages - 1) / Pages))
        let first = (long)number * Pages
        select new CopyRange(table, part, first, first + Pages < part.Pages ? first + Pages : null);
}
