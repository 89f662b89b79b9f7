using System.Globalization;
using System.Text;
using Traktor.Engine.Healing.Targets;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Rows;

/// <summary>
/// The statements that apply rows of one shape, put together in a function of the session's own (<c>pg_temp</c>): one message and one reading of the values instead of one
/// for each statement. Where the session may not make temporary objects the statements are sent one by one.
/// </summary>
internal static class RowProcedure
{
    /// <summary>With what every call contains.</summary>
    private const string Name = "pg_temp.trktr_rows_";

    /// <summary>PostgreSQL's limit of a function's arguments.</summary>
    private const int MostArguments = 100;

    /// <summary>Whether a statement calls one; it returns a row for each conflict.</summary>
    public static bool IsCall(string sql) => sql.Contains(Name, StringComparison.Ordinal);

    /// <summary>Whether rows of a shape can be a function's arguments.</summary>
    public static bool Fits(RowShape shape, bool isMany) => TypesOf(shape, isMany) is var types && types.Count <= MostArguments && !types.Contains(null);

    /// <summary>
    /// The statement that makes it. Its arguments are those of <see cref="RowRun.Bind"/> without decisions, then the position to which the origin's progress moves, null when
    /// the transaction goes on.
    /// </summary>
    public static string Create(int number, RowShape shape, ApplyTerms terms, bool isMany)
    {
        var types = TypesOf(shape, isMany);
        var (at, end) = ($"${types.Count - 1}", $"${types.Count}");
        var body = new StringBuilder("#variable_conflict use_column\ndeclare written bigint; recorded bigint := 0;\nbegin\n");
        var open = 0;
        foreach (var statement in RowStatements.For(shape, terms, isMany, isDecided: false, isTyped: true))
        {
            body.Append(statement.WritesTable ? AsOwner(shape.Relation.Target, statement) : $"{statement.Sql};\nget diagnostics recorded = row_count;\n");
            if (!statement.MayBeAll)
                continue;
            body.Append(isMany ? $"if written < cardinality($1) then\n" : "if written = 0 then\n");
            open++;
        }

        body.Insert(body.Length, "end if;\n", open);
        body.Append(CultureInfo.InvariantCulture, $"""
            if {end} is not null then
            update trktr.healing_progress set lsn = {end} where inbound_node = {terms.Inbound};
            perform pg_replication_origin_xact_setup({end}, {at});
            end if;
            return recorded;
            end
            """);
        return string.Create(
            CultureInfo.InvariantCulture, $"create function {Name}{number}({string.Join(", ", types)}) returns bigint language plpgsql as {Quote.Literal(body.ToString())}");
    }

    /// <summary>The statement that calls it.</summary>
    public static string Call(int number, RowShape shape, bool isMany)
    {
        var arguments = string.Join(", ", TypesOf(shape, isMany).Select((type, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{type}")));
        var call = string.Create(CultureInfo.InvariantCulture, $"{Name}{number}({arguments})");
        return isMany ? $"select 1 from generate_series(1, {call})" : $"select 1 where {call} > 0";
    }

    private static List<string?> TypesOf(RowShape shape, bool isMany) =>
    [
        .. shape.Present.Concat(shape.HasOldKey ? shape.Relation.Key : []).Select(column => shape.Relation.Columns[column]).Select(column => isMany ? column.ArrayType : column.Type),
        isMany ? "pg_catalog.int4[]" : "pg_catalog.int4", "pg_catalog.pg_lsn", "pg_catalog.timestamptz", "pg_catalog.pg_lsn",
    ];

    /// <summary>As the table's owner, with a function call in place of a command.</summary>
    private static string AsOwner(TargetTable target, RowStatement statement)
    {
        var command = $"{statement.Sql};\nget diagnostics written = row_count;\n";
        if (statement.Healing is { } healing)
            command = $"perform set_config('{Recording.Setting}', '{healing}', true);\n{command}";
        if (statement.NotesHits)
            command = $"perform set_config('{HitNotes.Setting}', {Quote.Literal($"{target.Table.Schema}.{target.Table.Name}")}, true);\n{command}perform set_config('{HitNotes.Setting}', '', true);\n";
        return target.IsForeignOwner
            ? $"perform set_config('role', {Quote.Literal(target.Owner)}, true);\n{command}perform set_config('role', 'none', true);\n"
            : command;
    }
}
