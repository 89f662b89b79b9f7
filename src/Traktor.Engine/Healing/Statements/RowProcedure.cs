using System.Globalization;
using System.Text;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// The statements for rows of one shape, in a temporary function (<c>pg_temp</c>): one message, and the values are
/// parsed once instead of once for each statement. Where the session may not create temporary objects the statements
/// are sent one by one.
/// </summary>
internal static class RowProcedure
{
    /// <summary>A part of every call, by which <see cref="IsCall"/> recognises it.</summary>
    private const string Name = "pg_temp.trktr_rows_";

    private const string StreamName = "pg_temp.trktr_stream_";

    /// <summary>PostgreSQL's limit for a function's arguments.</summary>
    private const int MostArguments = 100;

    /// <summary>Whether a statement calls such a function, which returns a row for each conflict.</summary>
    public static bool IsCall(string sql) => sql.Contains(Name, StringComparison.Ordinal);

    /// <summary>Whether rows of a shape can be passed as arguments.</summary>
    public static bool Fits(RowShape shape, bool isMany) =>
        TypesOf(shape, isMany) is var types && types.Count <= MostArguments && !types.Contains(null);

    /// <summary>
    /// The statement that creates the function. Its arguments are those of <see cref="RowNames"/> without decisions,
    /// then the position to which the origin's progress moves, null when the transaction continues.
    /// </summary>
    public static string Create(int number, RowShape shape, ApplyTerms terms, bool isMany)
    {
        var types = TypesOf(shape, isMany);
        var (at, end) = ($"${types.Count - 1}", $"${types.Count}");
        // A column has precedence over a variable of its name: all variables are qualified.
        var body = $"""
            #variable_conflict use_column
            <<own>>
            declare {RowScript.Variables}
            begin
            {(isMany ? Many(shape, terms) : RowScript.For(shape, terms))}{ServerFaultPoint.Script(
                FaultPoint.RowsWritten
            )}if {end} is not null then
            {OriginProgress.MoveScript(terms.Inbound, end, at)}
            end if;
            return recorded;
            end
            """;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"create function {Name}{number}({string.Join(", ", types)}) returns bigint language plpgsql as {Quote.Literal(body)}"
        );
    }

    /// <summary>The statement that calls it.</summary>
    public static string Call(int number, RowShape shape, bool isMany)
    {
        var arguments = string.Join(
            ", ",
            TypesOf(shape, isMany).Select((type, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{type}"))
        );
        var call = string.Create(CultureInfo.InvariantCulture, $"{Name}{number}({arguments})");
        return isMany ? $"select 1 from generate_series(1, {call})" : $"select 1 where {call} > 0";
    }

    /// <summary>
    /// The statement that creates a procedure for many transactions of one row each. It calls the function of the same
    /// number for each row and commits. Its arguments are arrays of the function's arguments, after a number to which
    /// it adds the conflicts.
    /// </summary>
    public static string CreateStream(int number, RowShape shape)
    {
        var types = TypesOf(shape, isMany: false);
        var arrays = string.Join(", ", ArraysOf(shape));
        var values = string.Join(", ", types.Select((_, i) => $"v.c{i}"));
        var names = string.Join(", ", types.Select((_, i) => $"c{i}"));
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            declare v record;
            begin
            for v in select * from unnest({string.Join(", ", types.Select((_, i) => $"${i + 2}"))}) u({names}) loop
            conflicts := conflicts + {Name}{number}({values});
            {ServerFaultPoint.Script(FaultPoint.BeforeCommit)}commit;
            end loop;
            end
            """
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"create procedure {StreamName}{number}(inout conflicts bigint, {arrays}) language plpgsql as {Quote.Literal(body)}"
        );
    }

    /// <summary>The statement that calls the procedure. It returns the number of conflicts.</summary>
    public static string CallStream(int number, RowShape shape) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"call {StreamName}{number}(0, {string.Join(", ", ArraysOf(shape).Select((type, i) => $"${i + 1}::{type}"))})"
        );

    /// <summary>Whether there can be such a procedure.</summary>
    public static bool FitsStream(RowShape shape) =>
        Fits(shape, isMany: false) && ArraysOf(shape) is var arrays && arrays.Count < MostArguments && !arrays.Contains(null);

    private static List<string?> TypesOf(RowShape shape, bool isMany) =>
        [
            .. shape
                .Present.Concat(shape.HasOldKey ? shape.Relation.Key : [])
                .Select(column => shape.Relation.Columns[column])
                .Select(column => isMany ? column.ArrayType : column.Type),
            isMany ? "pg_catalog.int4[]" : "pg_catalog.int4",
            "pg_catalog.pg_lsn",
            "pg_catalog.timestamptz",
            "pg_catalog.pg_lsn",
        ];

    private static List<string?> ArraysOf(RowShape shape) =>
        [.. TypesOf(shape, isMany: true)[..^3], "pg_catalog.pg_lsn[]", "pg_catalog.timestamptz[]", "pg_catalog.pg_lsn[]"];

    private static string Many(RowShape shape, ApplyTerms terms)
    {
        var script = new StringBuilder();
        var open = 0;
        foreach (var statement in RowStatements.For(shape, terms, isMany: true, isDecided: false, isTyped: true))
        {
            script.Append(
                statement.WritesTable
                    ? Writing(shape.Relation.Target, statement)
                    : $"{statement.Sql};\nget diagnostics recorded = row_count;\n"
            );
            if (!statement.MayBeAll)
                continue;
            script.Append("if written < cardinality($1) then\n");
            open++;
        }

        return script.Insert(script.Length, "end if;\n", open).ToString();
    }

    private static string Writing(TargetTable target, RowStatement statement)
    {
        var command = $"{statement.Sql};\nget diagnostics written = row_count;\n";
        if (statement.Healing is { } healing)
            command = $"perform set_config('{SessionSettings.HealerRecords}', '{healing}', true);\n{command}";
        if (statement.LogsOverwrites)
            command = $"perform {OverwriteLog.SetLoggedTable(target.Table)};\n{command}perform {OverwriteLog.SetLoggedTable(null)};\n";
        return OwnerRole.Script(target, command);
    }
}
