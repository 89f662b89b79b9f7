using System.Globalization;
using System.Text;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Origins;
using Traktor.Engine.Owners;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// The statements for rows of one shape, in a function (<see cref="Routine"/>): one message, and the values are parsed
/// once instead of once for each statement.
/// </summary>
internal static class RowProcedure
{
    /// <summary>The beginning of the functions' names, by which <see cref="IsCall"/> recognises a call.</summary>
    private const string Prefix = "apply";

    /// <summary>PostgreSQL's limit for a function's arguments.</summary>
    private const int MostArguments = 100;

    /// <summary>Whether a statement calls such a function, which returns a row for each conflict.</summary>
    public static bool IsCall(string sql) => sql.Contains($"{ObjectNames.RoutineSchema}.{Prefix}_", StringComparison.Ordinal);

    /// <summary>Whether rows of a shape can be passed as arguments.</summary>
    public static bool Fits(RowShape shape, bool isMany) =>
        TypesOf(shape, isMany) is var types
        && types.Count + SettingsOf(shape).Length <= MostArguments
        && !types.Contains(null)
        && !(isMany && shape.Relation.Target.IsForeignOwner);

    /// <summary>
    /// The function. Its arguments are those of <see cref="RowNames"/> without decisions, then the position to which
    /// the origin's progress moves, null when the transaction continues; for a table of another role, then
    /// <see cref="OwnerSession.Settings"/>.
    /// </summary>
    /// <param name="shape">What the rows have in common.</param>
    /// <param name="terms">The heal's terms.</param>
    /// <param name="isMany">Whether it is for many rows.</param>
    /// <param name="owners">The function of <see cref="OwnerRows.Single"/> for a table of another role; else
    /// null.</param>
    public static Routine Of(RowShape shape, ApplyTerms terms, bool isMany, string? owners)
    {
        var types = TypesOf(shape, isMany);
        var (at, end) = ($"${types.Count - 1}", $"${types.Count}");
        var script =
            owners is not null
                ? OwnerRows.SingleScript(shape, terms, owners, string.Create(CultureInfo.InvariantCulture, $"${types.Count + 1}"))
            : isMany ? Many(shape, terms)
            : RowScript.For(shape, terms);
        // A column has precedence over a variable of its name: all variables are qualified.
        var body = $"""
            #variable_conflict use_column
            <<own>>
            declare {RowScript.Variables}
            begin
            {script}{ServerFaultPoint.Script(FaultPoint.RowsWritten)}if {end} is not null then
            {OriginProgress.MoveScript(terms.Inbound, end, at)}
            end if;
            return recorded;
            end
            """;
        return new Routine(Prefix, null, string.Join(", ", [.. types, .. SettingsOf(shape)]), "bigint", body);
    }

    /// <summary>The statement that calls it.</summary>
    public static string Call(string name, RowShape shape, bool isMany)
    {
        var arguments = string.Join(
            ", ",
            TypesOf(shape, isMany)
                .Concat(SettingsOf(shape))
                .Select((type, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{type}"))
        );
        return isMany ? $"select 1 from generate_series(1, {name}({arguments}))" : $"select 1 where {name}({arguments}) > 0";
    }

    /// <summary>
    /// A procedure for many transactions of one row each. It calls the function for each transaction and commits it:
    /// what is sent once for all need not be sent for each. Its arguments are arrays of the function's, after a counter
    /// to which it adds the conflicts.
    /// </summary>
    public static Routine Stream(string name, RowShape shape)
    {
        var types = TypesOf(shape, isMany: false);
        var settings = SettingsOf(shape);
        var values = string.Join(", ", [.. types.Select((_, i) => $"v.c{i}"), .. settings.Select(_ => $"${types.Count + 2}")]);
        var names = string.Join(", ", types.Select((_, i) => $"c{i}"));
        var body = $"""
            declare v record;
            begin
            for v in select * from unnest({string.Join(", ", types.Select((_, i) => $"${i + 2}"))}) u({names}) loop
            conflicts := conflicts + {name}({values});
            {ServerFaultPoint.Script(FaultPoint.BeforeCommit)}commit;
            end loop;
            end
            """;
        return new Routine("stream", null, $"inout conflicts bigint, {string.Join(", ", [.. ArraysOf(shape), .. settings])}", null, body);
    }

    /// <summary>The statement that calls it; it returns the number of conflicts.</summary>
    public static string CallStream(string name, RowShape shape) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"call {name}(0, {string.Join(", ", ArraysOf(shape).Concat(SettingsOf(shape)).Select((type, i) => $"${i + 1}::{type}"))})"
        );

    /// <summary>Whether rows of a shape can be passed to such a procedure.</summary>
    public static bool FitsStream(RowShape shape) =>
        Fits(shape, isMany: false)
        && ArraysOf(shape) is var arrays
        && arrays.Count + SettingsOf(shape).Length < MostArguments
        && !arrays.Contains(null);

    private static List<string?> TypesOf(RowShape shape, bool isMany) =>
        [
            .. shape
                .Present.Concat(shape.HasOldKey ? shape.Relation.Key : [])
                .Select(column => shape.Relation.Columns[column])
                .Select(column =>
                    shape.Relation.Target.IsForeignOwner ? (isMany ? "pg_catalog.text[]" : "pg_catalog.text")
                    : isMany ? column.ArrayType
                    : column.Type
                ),
            isMany ? "pg_catalog.int4[]" : "pg_catalog.int4",
            "pg_catalog.pg_lsn",
            "pg_catalog.timestamptz",
            "pg_catalog.pg_lsn",
        ];

    /// <summary>The type of the argument with the session's settings, for a table of another role.</summary>
    private static string[] SettingsOf(RowShape shape) => shape.Relation.Target.IsForeignOwner ? ["pg_catalog.text"] : [];

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
        return command;
    }
}
