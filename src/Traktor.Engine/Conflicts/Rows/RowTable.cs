using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Conflicts.Rows;

/// <summary>
/// A table whose rows are shown or edited, and the statements for it. Identifiers are quoted, values are parameters.
/// </summary>
/// <param name="Table">The table.</param>
/// <param name="Columns">Its columns in their order.</param>
/// <param name="Checks">Its check constraints.</param>
/// <param name="Owner">Its owner, when that is another role than the arbiter's; else null. The statements then run in a
/// function with that role's rights (<see cref="TextSession"/>): their parameters are elements of one array of texts,
/// and they return one such array a row.</param>
/// <param name="Equality">The operators by which the key's columns are found; they may be in any schema.</param>
internal sealed record RowTable(
    TableName Table,
    IReadOnlyList<RowColumn> Columns,
    IReadOnlyList<RowTable.Check> Checks,
    string? Owner,
    IReadOnlyDictionary<string, string> Equality
)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private string Of => Table.Quoted;

    /// <summary>Reads the table's description. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">NotFound when the table does not exist or is not replicated on this node;
    /// Conflict when a part of it belongs to another role.</exception>
    public static async Task<RowTable> ReadAsync(NpgsqlConnection connection, TableName table, int node, CancellationToken cancel)
    {
        await ReplicatedTable.RequireAsync(connection, table, node, cancel);
        var facts =
            (await TableFacts.ReadAsync(connection, [table], cancel)).GetValueOrDefault(table)
            ?? throw RefusedException.NotFound($"{table} does not exist on node {node}.");
        if (facts.OtherPart is { } part)
            throw RefusedException.Conflict(part.Problem(table), part.Hint);
        var parameters = new
        {
            schema = table.Schema,
            name = table.Name,
            keys = facts.Key.ToArray(),
        };
        var text =
            await connection.QuerySingleOrDefaultAsync<string>(
                new CommandDefinition(SqlFile.Read("Conflicts/Rows/read_row_table.sql"), parameters, cancellationToken: cancel)
            ) ?? throw RefusedException.NotFound($"{table} is not a table on node {node}.");
        var read = JsonSerializer.Deserialize<Facts>(text, Json)!;
        return new RowTable(table, read.Columns, read.Checks, read.Owner, read.Equality);
    }

    /// <summary>
    /// Reads the row of a key, <c>$1</c> (jsonb): every column, then its stamp in UTC and the NodeID of its origin.
    /// </summary>
    /// <param name="key">The key's columns.</param>
    /// <param name="tracksCommits">Whether this server keeps commit timestamps.</param>
    public string Select(IEnumerable<string> key, bool tracksCommits)
    {
        var columns = Columns.Select(column => "t." + Quote.Identifier(column.Name)).Append(StampSql.Text).Append(StampSql.Node).ToList();
        return Texts(
            $"select {string.Join(", ", columns)} from {Of} t {StampSql.Of(tracksCommits)}, {Given} k where {HasKey(key)} limit 2",
            columns.Count
        );
    }

    /// <summary>Locks the row of a key, <c>$1</c> (jsonb), until the end of the transaction.</summary>
    public string Lock(IEnumerable<string> key) => Texts($"select 1 from {Of} t, {Given} k where {HasKey(key)} for update of t", 1);

    /// <summary>
    /// Columns of a row, <c>$1</c> (jsonb), as the server parses them: from JSON values or, with
    /// <paramref name="isText"/>, from PostgreSQL's text of each.
    /// </summary>
    public string Values(IReadOnlyList<RowColumn> columns, bool isText) => Texts(Read(columns, isText), columns.Count);

    private string Read(IReadOnlyList<RowColumn> columns, bool isText) =>
        isText
            ? $"select {string.Join(", ", columns.Select((column, i) => $"({Parameter(1)}::jsonb ->> {Parameter(i + 2)})::{column.Type}"))}"
            : $"select {string.Join(", ", columns.Select(Value))} from {Given} r";

    /// <summary>
    /// A value of the row <c>r</c>. The history escapes what jsonb does not allow in a json document
    /// (<c>trktr.escape_json</c>).
    /// </summary>
    private static string Value(RowColumn column) =>
        column.Type == "json"
            ? $"trktr.unescape_json(r.{Quote.Identifier(column.Name)}::text)::json"
            : $"r.{Quote.Identifier(column.Name)}";

    /// <summary>
    /// Evaluates the checks for a row, <c>$1</c> (jsonb, JSON values): one boolean each, true for a violation.
    /// </summary>
    public string Broken() =>
        Texts(
            $"select {string.Join(", ", Checks.Select(check => $"not coalesce(({check.Expression}), true)"))} "
                + $"from {Given} {Quote.Identifier(Table.Name)}",
            Checks.Count
        );

    /// <summary>Inserts or updates a row, <c>$1</c> (jsonb, JSON values), by its key.</summary>
    public string Upsert(IReadOnlyList<RowColumn> columns)
    {
        var names = string.Join(", ", columns.Select(column => Quote.Identifier(column.Name)));
        var set = columns
            .Where(column => column is { IsKey: false, IsAlwaysIdentity: false })
            .Select(column => $"{Quote.Identifier(column.Name)} = excluded.{Quote.Identifier(column.Name)}")
            .ToList();
        var keys = string.Join(", ", Columns.Where(column => column.IsKey).Select(column => Quote.Identifier(column.Name)));
        return Written(
            $"insert into {Of} ({names}) overriding system value {Read(columns, isText: false)} on conflict ({keys}) do "
                + $"{(set.Count == 0 ? "nothing" : $"update set {string.Join(", ", set)}")}"
        );
    }

    /// <summary>
    /// Updates columns of the row of a key. <c>$1</c> is the columns, <c>$2</c> the key (jsonb both, JSON values).
    /// </summary>
    public string Update(IEnumerable<string> columns, IEnumerable<string> key)
    {
        var set = string.Join(", ", columns.Select(name => $"{Quote.Identifier(name)} = r.{Quote.Identifier(name)}"));
        return Written(
            $"update {Of} t set {set} from {Given} r, jsonb_populate_record(null::{Of}, {Parameter(2)}::jsonb) k where {HasKey(key)}"
        );
    }

    /// <summary>The row that was given.</summary>
    private string Given => $"jsonb_populate_record(null::{Of}, {Parameter(1)}::jsonb)";

    private string HasKey(IEnumerable<string> key) =>
        string.Join(
            " and ",
            key.Select(name => $"t.{Quote.Identifier(name)} {Equality.GetValueOrDefault(name, "=")} k.{Quote.Identifier(name)}")
        );

    private string Parameter(int number) =>
        Owner is null
            ? string.Create(CultureInfo.InvariantCulture, $"${number}")
            : string.Create(CultureInfo.InvariantCulture, $"($1)[{number}]");

    /// <summary>A query that returns what its columns are as texts, as the server sends them.</summary>
    private string Texts(string query, int columns)
    {
        if (Owner is null)
            return query;
        var names = Enumerable.Range(0, columns).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{i}")).ToList();
        var texts = names.Select(name => $"case when num_nulls(q.{name}) = 0 then format('%s', q.{name}) end");
        return $"select array[{string.Join(", ", texts)}]::text[] from ({query}) q({string.Join(", ", names)})";
    }

    /// <summary>A statement that writes; in a function it returns the number of rows that it wrote.</summary>
    private string Written(string statement) =>
        Owner is null ? statement : $"with w as ({statement} returning 1) select array[count(*)::text]::text[] from w";

    /// <summary>A check constraint and its expression.</summary>
    internal sealed record Check(string Name, string Expression);

    private sealed record Facts(
        string? Owner,
        IReadOnlyDictionary<string, string> Equality,
        IReadOnlyList<RowColumn> Columns,
        IReadOnlyList<Check> Checks
    );
}
