using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tables;

/// <summary>
/// What the catalog says of a table (<see href="https://www.postgresql.org/docs/current/catalog-pg-class.html"/>).
/// </summary>
/// <param name="Schema">Schema.</param>
/// <param name="Name">Name.</param>
/// <param name="Kind"><c>relkind</c>: r table, p partitioned table, v view, m materialised view, f foreign table, S
/// sequence.</param>
/// <param name="Persistence"><c>relpersistence</c>: p permanent, u unlogged, t temporary.</param>
/// <param name="Identity"><c>relreplident</c>: d primary key, i index, f whole row, n nothing.</param>
/// <param name="Root">Its partitioned table if it is a partition; otherwise null.</param>
/// <param name="Key">Columns of the replica identity, or of the primary key if the identity is the whole row; empty
/// when there is no key.</param>
/// <param name="Deferrable">Its primary key if it is deferrable, which replication does not support; otherwise
/// null.</param>
/// <param name="Candidate">A unique index that could be the replica identity.</param>
/// <param name="Primary">Whether it has a primary key.</param>
/// <param name="Foreign">Whether a partition of it is a foreign or unlogged table.</param>
/// <param name="Stranger">Its owner if the arbiter's role may not act as the owner; otherwise null.</param>
/// <param name="Columns">Columns in their order.</param>
public sealed record TableFacts(
    string Schema,
    string Name,
    char Kind,
    char Persistence,
    char Identity,
    TableName? Root,
    IReadOnlyList<string> Key,
    DeferrableKey? Deferrable,
    string? Candidate,
    bool Primary,
    bool Foreign,
    Stranger? Stranger,
    IReadOnlyList<ColumnFacts> Columns
)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [JsonIgnore]
    public TableName Table => new(Schema, Name);

    /// <summary>A part of it that belongs to another role; null when there is none.</summary>
    public OtherPart? OtherPart { get; init; }

    /// <summary>
    /// Its unique keys and exclusion constraints that are deferrable, those of its partitions included. The server
    /// checks such a constraint by a trigger that does not fire for replicated rows.
    /// </summary>
    public IReadOnlyList<DeferrableConstraint> Unchecked { get; init; } = [];

    /// <summary>Subscriptions of this database that are not Traktor's, and bring rows into it or into its
    /// partitions.</summary>
    public IReadOnlyList<string> Feeds { get; init; } = [];

    /// <summary>Reads the facts of those of <paramref name="tables"/> that exist.</summary>
    public static async Task<IReadOnlyDictionary<TableName, TableFacts>> ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<TableName> tables,
        CancellationToken cancel
    )
    {
        if (tables.Count == 0)
            return new Dictionary<TableName, TableFacts>();
        tables = [.. tables.Distinct()];
        var parameters = new { schemas = tables.Select(t => t.Schema).ToArray(), names = tables.Select(t => t.Name).ToArray() };
        var rows = await connection.QueryAsync<string>(
            new CommandDefinition(SqlFile.Read("Tables/read_tables.sql"), parameters, cancellationToken: cancel)
        );
        return rows.Select(row => JsonSerializer.Deserialize<TableFacts>(row, Json)!).ToDictionary(facts => facts.Table);
    }
}

/// <summary>A primary key that is deferrable.</summary>
/// <param name="Name">The constraint's name.</param>
/// <param name="Columns">Its columns in their order.</param>
public sealed record DeferrableKey(string Name, IReadOnlyList<string> Columns);

/// <summary>A unique key or an exclusion constraint that is deferrable.</summary>
/// <param name="Table">The table or partition that has it.</param>
/// <param name="Name">The constraint's name.</param>
/// <param name="Definition">What it would be if it were not deferrable.</param>
public sealed record DeferrableConstraint(TableName Table, string Name, string Definition);

/// <summary>An owner as whom the arbiter's role may not act.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="IsSuperuser">Whether the owner is a superuser; membership in it would make the arbiter's role one
/// too.</param>
/// <param name="Role">The arbiter's role.</param>
public sealed record Stranger(string Owner, bool IsSuperuser, string Role);

/// <summary>A column.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type without its modifier.</param>
/// <param name="FullType">Type with its modifier, as in <c>varchar(20)</c>.</param>
/// <param name="Required">Whether a row cannot be inserted without a value for it.</param>
/// <param name="Generated">Whether it is a generated column, which is not sent.</param>
public sealed record ColumnFacts(string Name, string Type, string FullType, bool Required, bool Generated);
