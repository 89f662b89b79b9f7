using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Rows;

/// <summary>A column of a table that receives rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type without a length, qualified; of a domain the base type.</param>
/// <param name="ArrayType">The array of that type; null when there is none that unnest gives back value by value, with commas between.</param>
/// <param name="IsGenerated">Whether it is computed; it is never written.</param>
/// <param name="IsAlwaysIdentity">Whether it is GENERATED ALWAYS AS IDENTITY; an insert may give it a value, an update may not.</param>
internal sealed record TargetColumn(string Name, string Type, string? ArrayType, bool IsGenerated, bool IsAlwaysIdentity);

/// <summary>A part of a unique or exclusion constraint.</summary>
/// <param name="Expression">A quoted column or an expression over columns.</param>
/// <param name="Operator">What two rows must not both satisfy, qualified.</param>
internal sealed record UniquePart(string Expression, string Operator);

/// <summary>A unique index or an exclusion constraint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsIdentity">Whether rows are found by it: the replica identity, else the primary key.</param>
/// <param name="Predicate">The condition of a partial index.</param>
/// <param name="NullsEqual">Whether it is NULLS NOT DISTINCT.</param>
/// <param name="Parts">Its key columns.</param>
/// <param name="Partition">The partition that alone has it, quoted; null when the table has it.</param>
/// <param name="PartitionCondition">The condition for a row to belong there.</param>
internal sealed record UniqueIndex(
    string Name, bool IsIdentity, string? Predicate, bool NullsEqual, IReadOnlyList<UniquePart> Parts, string? Partition = null, string? PartitionCondition = null)
{
    /// <summary>The condition for a row to be under it; null when all are.</summary>
    public string? Condition => (Predicate, PartitionCondition) switch
    {
        ({ } predicate, { } partition) => $"({predicate}) and ({partition})",
        var (predicate, partition) => predicate ?? partition,
    };
}

/// <summary>A table here that receives a peer's rows, as the catalog describes it.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Kind">relkind: r, or p for a partitioned one.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="IsForeignOwner">Whether the owner is another role than the arbiter's; the rows are then written as the owner.</param>
/// <param name="IsSubscribed">Whether the subscription has taken it; otherwise its changes are passed over, as by the server's worker.</param>
/// <param name="IsWatched">Whether the detector's triggers are on it.</param>
/// <param name="Policy">How its conflicts are decided.</param>
/// <param name="Columns">Its columns in its own order.</param>
/// <param name="Uniques">Its unique indexes and exclusion constraints.</param>
internal sealed record TargetTable(
    TableName Table, char Kind, string Owner, bool IsForeignOwner, bool IsSubscribed, bool IsWatched, Policy Policy, IReadOnlyList<TargetColumn> Columns, IReadOnlyList<UniqueIndex> Uniques)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The index by which rows are found; null when the table has lost it.</summary>
    public UniqueIndex? Identity => Uniques.FirstOrDefault(unique => unique.IsIdentity);

    /// <summary>Reads the table from the catalog.</summary>
    /// <exception cref="ApplyFault">There is no such table.</exception>
    public static async Task<TargetTable> ReadAsync(NpgsqlConnection connection, TableName table, uint subscription, CancellationToken cancel)
    {
        var text = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            SqlFile.Read("Healing/Rows/read_target.sql"), new { subscription = (long)subscription, schema = table.Schema, name = table.Name }, cancellationToken: cancel));
        if (text is null)
            throw new ApplyFault(PostgresErrorCodes.UndefinedTable, table, $"Table {table} does not exist here.", $"Create {table} here as it is on the peer.");
        var read = JsonSerializer.Deserialize<Catalog>(text, Json)!;
        var policy = ConflictWords.TryParse<Policy>(read.Policy, out var known) ? known : Policy.LastUpdateWins;
        return new TargetTable(table, read.Kind, read.Owner, read.IsForeignOwner, read.IsSubscribed, read.IsWatched, policy, read.Columns, read.Uniques);
    }

    private sealed record Catalog(
        char Kind, string Owner, bool IsForeignOwner, bool IsSubscribed, bool IsWatched, string? Policy, IReadOnlyList<TargetColumn> Columns, IReadOnlyList<UniqueIndex> Uniques);
}
