using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Targets;

/// <summary>A local table that receives a peer's rows, as the catalog describes it.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Kind">relkind: r, or p for a partitioned table.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="IsForeignOwner">Whether the owner is another role than the arbiter's. Rows are then written as the
/// owner.</param>
/// <param name="IsSubscribed">Whether it is part of the subscription. If not, its changes are skipped, as the apply
/// worker does.</param>
/// <param name="IsWatched">Whether it has the conflict detection triggers.</param>
/// <param name="Policy">Its conflict policy.</param>
/// <param name="Columns">Its columns in its own order.</param>
/// <param name="Uniques">Its unique indexes and exclusion constraints.</param>
internal sealed record TargetTable(
    TableName Table,
    char Kind,
    string Owner,
    bool IsForeignOwner,
    bool IsSubscribed,
    bool IsWatched,
    Policy Policy,
    IReadOnlyList<TargetColumn> Columns,
    IReadOnlyList<UniqueIndex> Uniques
)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Its owner, when that is another role than the arbiter's; else null.</summary>
    public string? OtherOwner => IsForeignOwner ? Owner : null;

    /// <summary>The index by which rows are found; null when the table has none any more.</summary>
    public UniqueIndex? Identity => Uniques.FirstOrDefault(unique => unique.IsIdentity);

    /// <summary>Whether a row may hold values that jsonb does not allow.</summary>
    public bool HoldsJson => Columns.Any(column => column.HoldsJson);

    /// <summary>
    /// SQL for a FROM item with its generated columns computed: what a row that is to be written will have in them. A
    /// generated column may be unique as any other, and is not sent.
    /// </summary>
    /// <param name="row">A FROM item without an alias, with all other columns.</param>
    public string WithGenerated(string row)
    {
        var generated = Columns
            .Where(column => column.IsGenerated)
            .Select(column => $"({column.Generation}) as {Quote.Identifier(column.Name)}")
            .ToList();
        return generated.Count == 0 ? row : $"(select given.*, {string.Join(", ", generated)} from {row} given)";
    }

    /// <summary>SQL for a row, <c>t</c>, in the form that the history keeps.</summary>
    public string RecordOf(string row) => HoldsJson ? $"trktr.row_as_jsonb(row_to_json({row}.*))" : $"to_jsonb({row}.*)";

    /// <summary>Reads the table from the catalog.</summary>
    /// <exception cref="TableFault">The table does not exist (undefined_table), or a part of it belongs to another role
    /// (insufficient_privilege).</exception>
    public static async Task<TargetTable> ReadAsync(
        NpgsqlConnection connection,
        TableName table,
        uint subscription,
        CancellationToken cancel
    )
    {
        var text = await connection.QuerySingleOrDefaultAsync<string>(
            new CommandDefinition(
                SqlFile.Read("Targets/read_target.sql"),
                new
                {
                    subscription = (long)subscription,
                    schema = table.Schema,
                    name = table.Name,
                },
                cancellationToken: cancel
            )
        );
        if (text is null)
            throw new TableFault(
                PostgresErrorCodes.UndefinedTable,
                table,
                $"Table {table} does not exist on this node.",
                $"Create {table} as it is on the peer."
            );
        if ((await TableFacts.ReadAsync(connection, [table], cancel)).GetValueOrDefault(table)?.OtherPart is { } part)
            throw new TableFault(PostgresErrorCodes.InsufficientPrivilege, table, part.Problem(table), part.Hint);
        var read = JsonSerializer.Deserialize<Catalog>(text, Json)!;
        var policy = ConflictWords.TryParse<Policy>(read.Policy, out var known) ? known : Policy.LastUpdateWins;
        return new TargetTable(
            table,
            read.Kind,
            read.Owner,
            read.IsForeignOwner,
            read.IsSubscribed,
            read.IsWatched,
            policy,
            read.Columns,
            read.Uniques
        );
    }

    private sealed record Catalog(
        char Kind,
        string Owner,
        bool IsForeignOwner,
        bool IsSubscribed,
        bool IsWatched,
        string? Policy,
        IReadOnlyList<TargetColumn> Columns,
        IReadOnlyList<UniqueIndex> Uniques
    );
}
