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
internal sealed record RowTable(TableName Table, IReadOnlyList<RowColumn> Columns, IReadOnlyList<RowTable.Check> Checks)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private string Of => Table.Quoted;

    /// <summary>Reads the table's description. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">NotFound when the table does not exist or is not replicated on this
    /// node.</exception>
    public static async Task<RowTable> ReadAsync(NpgsqlConnection connection, TableName table, int node, CancellationToken cancel)
    {
        var facts =
            (await TableFacts.ReadAsync(connection, [table], cancel)).GetValueOrDefault(table)
            ?? throw RefusedException.NotFound($"{table} does not exist on node {node}.");
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
        return read.Replicated
            ? new RowTable(table, read.Columns, read.Checks)
            : throw RefusedException.NotFound($"{table} is not replicated on node {node}; only rows of replicated tables are shown.");
    }

    /// <summary>
    /// Reads the row of a key, <c>$1</c> (jsonb): every column, then its stamp in UTC and the NodeID of its origin.
    /// </summary>
    /// <param name="key">The key's columns.</param>
    /// <param name="tracksCommits">Whether this server keeps commit timestamps.</param>
    public string Select(IEnumerable<string> key, bool tracksCommits)
    {
        var stamp = tracksCommits
            ? "cross join lateral pg_xact_commit_timestamp_origin(t.xmin) s(ts, ro)"
            : "cross join (values (null::timestamptz, null::oid)) s(ts, ro)";
        const string Origin = "case when s.ts is not null then trktr.node_of(s.ro) end";
        return $"select "
            + $"{string.Join(", ", Columns.Select(column => "t." + Quote.Identifier(column.Name)).Append("to_char(s.ts at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')").Append(Origin))} "
            + $""
            + $"from {Of} t {stamp}, jsonb_populate_record(null::{Of}, $1::jsonb) k where "
            + $"{string.Join(" and ", key.Select(name => $"t.{Quote.Identifier(name)} = k.{Quote.Identifier(name)}"))} limit 2";
    }

    /// <summary>Locks the row of a key, <c>$1</c> (jsonb), until the end of the transaction.</summary>
    public string Lock(IEnumerable<string> key) =>
        $"select 1 from {Of} t, jsonb_populate_record(null::{Of}, $1::jsonb) k where "
        + $"{string.Join(" and ", key.Select(name => $"t.{Quote.Identifier(name)} = k.{Quote.Identifier(name)}"))} for update of t";

    /// <summary>
    /// Columns of a row, <c>$1</c> (jsonb), as the server parses them: from JSON values or, with
    /// <paramref name="isText"/>, from PostgreSQL's text of each.
    /// </summary>
    public string Values(IReadOnlyList<RowColumn> columns, bool isText) =>
        isText
            ? $"select {string.Join(", ", columns.Select((column, i) => $"($1::jsonb ->> ${i + 2})::{column.Type}"))}"
            : $"select {string.Join(", ", columns.Select(Value))} from jsonb_populate_record(null::{Of}, $1::jsonb) r";

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
        $"select {string.Join(", ", Checks.Select(check => $"not coalesce(({check.Expression}), true)"))} from "
        + $"jsonb_populate_record(null::{Of}, $1::jsonb) {Quote.Identifier(Table.Name)}";

    /// <summary>Inserts or updates a row, <c>$1</c> (jsonb, JSON values), by its key.</summary>
    public string Upsert(IReadOnlyList<RowColumn> columns)
    {
        var names = string.Join(", ", columns.Select(column => Quote.Identifier(column.Name)));
        var set = columns
            .Where(column => column is { IsKey: false, IsAlwaysIdentity: false })
            .Select(column => $"{Quote.Identifier(column.Name)} = excluded.{Quote.Identifier(column.Name)}")
            .ToList();
        var keys = string.Join(", ", Columns.Where(column => column.IsKey).Select(column => Quote.Identifier(column.Name)));
        return $"insert into {Of} ({names}) overriding system value {Values(columns, isText: false)} on conflict ({keys}) do "
            + $"{(set.Count == 0 ? "nothing" : $"update set {string.Join(", ", set)}")}";
    }

    /// <summary>A check constraint and its expression.</summary>
    internal sealed record Check(string Name, string Expression);

    private sealed record Facts(bool Replicated, IReadOnlyList<RowColumn> Columns, IReadOnlyList<Check> Checks);
}
