using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>
/// A table whose rows are hashed, and the statements for it. Each has one parameter, an array of texts, and returns an
/// array of texts a row, so that it can run in a function with the rights of the table's owner. Names come from the
/// catalog and are quoted; nothing that a peer sends becomes SQL.
/// </summary>
/// <param name="Table">The table.</param>
/// <param name="Owner">Its owner, when that is another role than the arbiter's; else null.</param>
/// <param name="IsPartitioned">Whether it is a partitioned table.</param>
/// <param name="Rows">How many rows it has, estimated.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="HashCheck">The hash of a fixed row.</param>
/// <param name="Columns">Its columns in their order, without generated ones.</param>
/// <param name="Key">Its key in the order of its index.</param>
internal sealed record HashedTable(
    TableName Table,
    string? Owner,
    bool IsPartitioned,
    long Rows,
    long Bytes,
    string HashCheck,
    IReadOnlyList<HashedTable.Column> Columns,
    IReadOnlyList<HashedTable.KeyColumn> Key
)
{
    /// <summary>The most rows of a range that are listed.</summary>
    public const int MostListed = 20_000;

    /// <summary>The longest value that is shown, in characters.</summary>
    public const int LongestValue = 2_000;

    /// <summary>How many elements of a listed row come before its key.</summary>
    public const int Fixed = 4;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    // Partitions are read through their table; children by inheritance are tables of their own.
    private string From => IsPartitioned ? $"{Table.Quoted} t" : $"only {Table.Quoted} t";

    /// <summary>Reads the table's description. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">NotFound when there is no such table, or it is not replicated; Conflict when
    /// it has no key, or a part of it belongs to another role.</exception>
    public static async Task<HashedTable> ReadAsync(NpgsqlConnection connection, TableName table, int node, CancellationToken cancel)
    {
        await ReplicatedTable.RequireAsync(connection, table, node, cancel);
        var facts =
            (await TableFacts.ReadAsync(connection, [table], cancel)).GetValueOrDefault(table)
            ?? throw RefusedException.NotFound($"{table} does not exist on node {node}.");
        if (facts.OtherPart is { } part)
            throw RefusedException.Conflict(part.Problem(table), part.Hint);
        var text =
            await connection.QuerySingleOrDefaultAsync<string>(
                new CommandDefinition(
                    SqlFile.Read("Comparisons/Hashing/read_shape.sql"),
                    new { schema = table.Schema, name = table.Name },
                    cancellationToken: cancel
                )
            ) ?? throw RefusedException.NotFound($"{table} is not a table on node {node}.");
        var read = JsonSerializer.Deserialize<Catalog>(text, Json)!;
        if (read.Key.Count == 0)
            throw RefusedException.Conflict($"{table} has no key on node {node}, so that its rows cannot be told apart.");
        return new HashedTable(
            table,
            read.Owner,
            read.IsPartitioned,
            read.Rows,
            read.Bytes,
            read.HashCheck,
            read.Columns,
            [.. read.Key.Select(key => key with { Type = read.Columns.First(column => column.Name == key.Name).Type })]
        );
    }

    /// <summary>The columns that a caller names.</summary>
    /// <exception cref="RefusedException">Malformed: the table has no such column.</exception>
    public IReadOnlyList<(Column Column, ColumnForm Form)> Find(IReadOnlyList<HashedColumn> columns) =>
        [
            .. columns.Select(wanted =>
                (
                    Columns.FirstOrDefault(column => column.Name == wanted.Name)
                        ?? throw RefusedException.Malformed($"{Table} has no column {Quote.Identifier(wanted.Name)} that is compared."),
                    wanted.Form
                )
            ),
        ];

    /// <summary>The keys of a range, <paramref name="every"/> rows apart, at most <paramref name="most"/>.</summary>
    public string Bounds(KeyRange range, int every, int most)
    {
        var keys = string.Join(", ", Key.Select(key => $"t.{Quote.Identifier(key.Name)}"));
        var names = Numbered("k", Key.Count);
        var texts = string.Join(", ", names.Select(name => Text($"q.{name}")));
        var rows = ((long)every * most) + 1;
        return $"select array[{texts}]::text[] from (select o.*, row_number() over () as n from (select {keys} from {From} "
            + $"where {Within(range)} order by {keys} limit {Number(rows)}) o({string.Join(", ", names)})) q "
            + $"where q.n > 1 and (q.n - 1) % {Number(every)} = 0 order by q.n";
    }

    /// <summary>The hash of a range; with buckets a row for each that has rows, its number first.</summary>
    public string Hash(IReadOnlyList<(Column Column, ColumnForm Form)> columns, KeyRange range)
    {
        const string Sums = "count(*)::text, coalesce(sum(q.h), 0)::text, coalesce(bit_xor(q.h), 0)::text";
        // Without OFFSET the hash would be computed for each aggregate.
        return range.Buckets is null
            ? $"select array[{Sums}]::text[] from (select {RowHash(columns)} as h from {From} where {Within(range)} offset 0) q"
            : $"select array[q.b::text, {Sums}]::text[] from (select {Bucket(columns, range)} as b, {RowHash(columns)} as h from {From} "
                + $"where {Within(range)} offset 0) q group by q.b";
    }

    /// <summary>
    /// The rows of a range: hash, xmin, stamp, node, and the values of the key; one more than
    /// <see cref="MostListed"/> when there are too many.
    /// </summary>
    public string List(IReadOnlyList<(Column Column, ColumnForm Form)> columns, KeyRange range, bool tracksCommits)
    {
        var within = range.Chosen is null ? Within(range) : $"{Within(range)} and {Bucket(columns, range)} = any (($1)[1]::integer[])";
        var limit = range.Chosen is null ? $" limit {Number(MostListed + 1)}" : "";
        return $"select array[{Version(columns)}]::text[] from {From} {StampSql.Of(tracksCommits)} where {within}{limit}";
    }

    /// <summary>
    /// The rows of the keys in <c>$1</c>, a JSON array of arrays of texts; with <paramref name="hasRows"/> the values
    /// of all columns follow.
    /// </summary>
    public string Find(IReadOnlyList<(Column Column, ColumnForm Form)> columns, bool hasRows, bool tracksCommits)
    {
        var matches = Key.Select((key, i) => $"t.{Quote.Identifier(key.Name)} {key.Operator} (w.key ->> {Number(i)})::{key.Type}");
        var values = hasRows ? string.Concat(Columns.Select(column => $", left({Text(Of(column))}, {Number(LongestValue)})")) : "";
        return $"select array[{Version(columns)}{values}]::text[] from jsonb_array_elements(($1)[1]::jsonb) as w (key) "
            + $"join {From} on {string.Join(" and ", matches)} {StampSql.Of(tracksCommits)}";
    }

    /// <summary>The statement's parameter for a range.</summary>
    public static string[] Arguments(KeyRange range) =>
        range.Chosen is { } chosen
            ? ["{" + string.Join(',', chosen.Select(bucket => Number(bucket))) + "}"]
            : [.. range.From ?? [], .. range.To ?? []];

    /// <exception cref="RefusedException">Malformed: the key has another number of columns, or buckets are
    /// wrong.</exception>
    public void Check(KeyRange range)
    {
        if ((range.From ?? range.To) is not null && (range.Buckets is not null || range.Chosen is not null))
            throw RefusedException.Malformed("A range has either bounds or buckets.");
        foreach (var bound in new[] { range.From, range.To })
            if (bound is not null && bound.Count != Key.Count)
                throw RefusedException.Malformed($"The key of {Table} has {Key.Count} columns, not {bound.Count}.");
        if (range.Buckets is { } buckets && (buckets is < 1 or > ComparisonSizes.MostBuckets || !int.IsPow2(buckets)))
            throw RefusedException.Malformed($"buckets must be a power of two up to {ComparisonSizes.MostBuckets}.");
        if (range.Chosen is not null && range.Buckets is null)
            throw RefusedException.Malformed("chosen needs the number of buckets.");
    }

    private string Version(IReadOnlyList<(Column Column, ColumnForm Form)> columns) =>
        $"({RowHash(columns)})::text, t.xmin::text, {StampSql.Text}, ({StampSql.Node})::text, "
        + string.Join(", ", Key.Select(key => Text($"t.{Quote.Identifier(key.Name)}")));

    private static string RowHash(IEnumerable<(Column Column, ColumnForm Form)> columns) =>
        $"hash_record_extended(row({string.Join(", ", columns.Select(column => Value(column.Column, column.Form)))}), 0)";

    private string Bucket(IReadOnlyList<(Column Column, ColumnForm Form)> columns, KeyRange range)
    {
        var key = columns
            .Where(column => Key.Any(key => key.Name == column.Column.Name))
            .OrderBy(column => column.Column.Name, StringComparer.Ordinal);
        return $"({RowHash(key)} & {Number(range.Buckets!.Value - 1)})";
    }

    private string Within(KeyRange range)
    {
        var conditions = new List<string>();
        if (range.From is not null)
            conditions.Add(Compared(">=", 0));
        if (range.To is { } to)
            conditions.Add(Compared("<", range.From is null ? 0 : to.Count));
        return conditions.Count == 0 ? "true" : string.Join(" and ", conditions);
    }

    private string Compared(string sign, int skip) =>
        $"({string.Join(", ", Key.Select(key => $"t.{Quote.Identifier(key.Name)}"))}) {sign} "
        + $"({string.Join(", ", Key.Select((key, i) => $"($1)[{Number(skip + i + 1)}]::{key.Type}"))})";

    private static string Of(Column column) => $"t.{Quote.Identifier(column.Name)}";

    private static string Value(Column column, ColumnForm form) =>
        form switch
        {
            ColumnForm.Native when column.Form == ColumnForm.Native => column.IsText
                ? $"{Of(column)}::text collate \"C\""
                : $"{Of(column)}::{column.Type}",
            ColumnForm.Send when column.Form == ColumnForm.Send => $"{column.Send}({Of(column)}::{column.Type})",
            ColumnForm.Text => $"({Text(Of(column))}) collate \"C\"",
            _ => throw RefusedException.Malformed($"Column {Quote.Identifier(column.Name)} is not hashed in this form."),
        };

    /// <summary>PostgreSQL's text of a value, by its type's output function: a cast could be a user's
    /// function.</summary>
    private static string Text(string value) => $"case when num_nulls({value}) = 0 then format('%s', {value}) end";

    private static List<string> Numbered(string prefix, int count) =>
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}"))];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A column.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Type">Type without a length; of a domain its base type.</param>
    /// <param name="Send">Its type's send function.</param>
    /// <param name="IsText">Whether it has a collation that must not matter.</param>
    /// <param name="Form">How it is hashed where all nodes have the type.</param>
    internal sealed record Column(string Name, string Type, string Send, bool IsText, ColumnForm Form);

    /// <summary>A column of the key.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Order">As <see cref="ShapeKey.Order"/>.</param>
    /// <param name="Operator">Its equality, qualified.</param>
    internal sealed record KeyColumn(string Name, string? Order, string Operator)
    {
        /// <summary>The column's type.</summary>
        public string Type { get; init; } = "";
    }

    private sealed record Catalog(
        string? Owner,
        bool IsPartitioned,
        long Rows,
        long Bytes,
        string HashCheck,
        IReadOnlyList<Column> Columns,
        IReadOnlyList<KeyColumn> Key
    );
}
