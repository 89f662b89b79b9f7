using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Owners;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// What the session does with the functions that touch a table of another role with its rights: it calls them, and
/// records with its own rights the conflicts that they return.
/// </summary>
internal static class OwnerRows
{
    /// <summary>The function for one row.</summary>
    public static Routine Single(RowShape shape, ApplyTerms terms) =>
        new(
            "row",
            shape.Relation.Target.Owner,
            string.Join(
                ", ",
                [.. new RowNames(shape, IsDecided: false).Values.Select(TypeOf), "pg_lsn", "timestamptz", RowScript.OwnersResults]
            ),
            "record",
            $"""
            #variable_conflict use_column
            <<own>>
            declare {RowScript.OwnersVariables}
            begin
            {RowScript.ForOwner(shape, terms)}end
            """
        );

    /// <summary>
    /// Statements in PL/pgSQL that call <see cref="Single"/> and record what it returns; <c>l</c> is a record.
    /// </summary>
    /// <param name="shape">What the rows have in common.</param>
    /// <param name="terms">The heal's terms.</param>
    /// <param name="name">The function.</param>
    /// <param name="settings">The parameter with the session's settings, as
    /// <see cref="OwnerSession.Settings"/>.</param>
    public static string SingleScript(RowShape shape, ApplyTerms terms, string name, string settings)
    {
        var names = new RowNames(shape, IsDecided: false);
        var history = History(names, terms, names.Parameter);
        var (differs, missing) = shape.TypesOfOverwrite;
        var record =
            shape.Kind == ChangeKind.Insert
                ? $"if l.conflict = 'here' then\n{Insert(history.Values(ConflictType.InsertExists))}end if;\n"
                : $"if l.conflict = 'here' then\n{Insert(history.Values(differs, missing, "true"))}"
                    + $"elsif l.conflict = 'missing' then\n{Insert(history.Values(differs, missing, "false"))}end if;\n";
        return $"own.stable := current_setting('{SessionSettings.StableXid}', true);\n"
            + $"l := {Routine.Call(name, names.Values.Count + 2)};\n"
            + $"call trktr.require_untouched({settings}, own.stable);\n{record}";
    }

    /// <summary>
    /// The statement that calls a function of <see cref="RowStatements.ForOwner"/> and records what it returns.
    /// </summary>
    /// <param name="shape">What the rows have in common.</param>
    /// <param name="terms">The heal's terms.</param>
    /// <param name="isDecided">As for the function.</param>
    /// <param name="isRecorded">Whether its conflicts are recorded.</param>
    /// <param name="name">The function.</param>
    public static string ManyStatement(RowShape shape, ApplyTerms terms, bool isDecided, bool isRecorded, string name)
    {
        var names = new RowNames(shape, isDecided);
        var call = $"{Routine.Call(name, names.Values.Count + 2)} l";
        if (!isRecorded)
            return $"select from {call}";
        var history = History(names, terms, value => $"l.{value}");
        var (differs, missing) = shape.TypesOfOverwrite;
        var values =
            shape.Kind == ChangeKind.Insert ? history.Values(ConflictType.InsertExists) : history.Values(differs, missing, "l.is_here");
        return $"{ConflictRecord.Insert} select {values} from {call}{history.Again}";
    }

    private static ConflictRecord History(RowNames names, ApplyTerms terms, Func<string, string> value) =>
        new(names, terms, new Contention(terms, terms.PolicyOf(names.Shape.Relation.Target), names.At), value)
        {
            Made = ("l.key", "l.remote_row"),
        };

    private static string Insert(string values) => $"{ConflictRecord.Insert} values ({values});\nrecorded := 1;\n";

    private static string TypeOf((string Name, string Type) value) => value.Name == "ord" ? "integer" : "text";
}
