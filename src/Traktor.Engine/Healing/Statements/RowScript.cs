using System.Text;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// Does for one row, in PL/pgSQL, what <see cref="RowStatements"/> does for any number. What those compute in each
/// statement is looked up once here, and plain statements follow. In transactions of one row, preparing computed
/// expressions anew each time is most of a conflict's cost.
/// </summary>
internal sealed class RowScript
{
    private readonly RowShape shape;
    private readonly RowNames names;
    private readonly ApplyTerms terms;
    private readonly Contention contention;
    private readonly ConflictRecord history;
    private readonly OverwriteLog overwrites;
    private readonly string table;
    private readonly string keyJoin;
    private readonly bool isOwners;

    private RowScript(RowShape shape, ApplyTerms terms, bool isOwners)
    {
        this.shape = shape;
        this.terms = terms;
        this.isOwners = isOwners;
        names = new RowNames(shape, IsDecided: false, IsText: isOwners);
        table = shape.Relation.Target.Table.Quoted;
        contention = new Contention(terms, terms.PolicyOf(shape.Relation.Target), names.At);
        history = new ConflictRecord(names, terms, contention, names.Parameter);
        overwrites = new OverwriteLog(shape, terms, contention);
        keyJoin = names.KeyJoin(names.Parameter);
    }

    /// <summary>The variables that the script needs.</summary>
    public const string Variables = $"l record; written bigint; recorded bigint := 0; stable text; {OverwriteLog.Variables}";

    /// <summary>
    /// The statements of a block <c>own</c>. Its parameters have the columns' types. Afterwards <c>recorded</c> is the
    /// number of conflicts.
    /// </summary>
    public static string For(RowShape shape, ApplyTerms terms) => new RowScript(shape, terms, isOwners: false).Make();

    /// <summary>
    /// The same for a table of another role, of a function with its rights whose parameters are texts. The function
    /// records no conflict, but returns it in <see cref="OwnersResults"/>: the history is not the owner's to write.
    /// </summary>
    public static string ForOwner(RowShape shape, ApplyTerms terms) => new RowScript(shape, terms, isOwners: true).Make();

    /// <summary>The variables of <see cref="ForOwner"/>.</summary>
    public const string OwnersVariables = "l record; written bigint; done text;";

    /// <summary>
    /// What <see cref="ForOwner"/> returns: <c>here</c> or <c>missing</c> for a conflict, and what
    /// <see cref="ConflictRecord"/> asks of <c>l</c>.
    /// </summary>
    public const string OwnersResults =
        "out conflict text, out wins boolean, out local_row jsonb, out ts timestamptz, out node integer, out kept jsonb, "
        + "out key jsonb, out remote_row jsonb";

    private string Make() => shape.Kind == ChangeKind.Insert ? Insert() : UpdateOrDelete();

    private string Insert()
    {
        var script = new StringBuilder();
        var values = string.Join(", ", shape.Present.Select((_, i) => names.Parameter($"c{i}")));
        script.Append(
            $"insert into {table} as t ({names.Columns}) overriding system value values ({values}) "
                + $"{names.OnConflictLock};\nget diagnostics written = row_count;\n"
        );
        script.Append("if written = 0 then\n");
        script.Append(
            Look(
                [$"{shape.Relation.Target.RecordOf("t")} as local_row"],
                ConflictType.InsertExists,
                [$"{Contention.IsOwn("k", "k.ts")} as is_mine", $"{contention.IsSameVersion(("k.ts", "k.ro"))} as is_same"],
                ""
            )
        );
        script.Append($"if not l.is_mine then\nif not l.is_same then\n{Record(ConflictType.InsertExists, null, isHere: true)}end if;\n");
        script.Append($"if l.wins then\n{Write()}end if;\nend if;\nend if;\n");
        return script.ToString();
    }

    /// <summary>Records that the row is missing, or that another node changed it later, and writes it.</summary>
    private string UpdateOrDelete()
    {
        var (differs, missing) = shape.TypesOfOverwrite;
        var newer = contention.IsNewerElsewhere(contention.StampOf("t"));
        List<string> values = [$"{newer} as is_newer", $"case when {newer} then {shape.Relation.Target.RecordOf("t")} end as local_row"];
        if (shape.Absent.Count > 0)
            values.Add($"case when {newer} then {history.Kept} end as kept");
        var script = new StringBuilder();
        script.Append(Look(values, differs, [], " for update of t"));
        script.Append($"if l.is_newer is null then\n{Record(differs, missing, isHere: false)}");
        script.Append($"else\nif l.is_newer then\n{Record(differs, missing, isHere: true)}end if;\n");
        script.Append($"if not l.is_newer or l.wins then\n{Write()}end if;\nend if;\n");
        return script.ToString();
    }

    /// <summary>
    /// Reads the row's version, its stamp and who wins into l. They are in the select list, so that they are of the
    /// locked row; see <see cref="Contention.StampItem"/>.
    /// </summary>
    /// <param name="ofRow">Further columns read from the row <c>t</c>.</param>
    /// <param name="type">The conflict type, if there is a conflict.</param>
    /// <param name="ofStamp">Further columns computed from its stamp in <c>k</c>.</param>
    /// <param name="locking">The locking clause.</param>
    private string Look(List<string> ofRow, ConflictType type, List<string> ofStamp, string locking)
    {
        var (at, origin) = contention.StampOf("t");
        List<string> row = [$"{at} as ts", $"{origin} as ro", "t.xmin as xmin", .. ofRow];
        var wins = contention.RemoteWins(
            type,
            ("k.ts", "k.ro"),
            decision: null,
            movesRow: type == ConflictType.UpdateOriginDiffers && shape.TakesRowAway
        );
        List<string> stamp = [$"{terms.NodeOf("k.ro")} as node", $"{wins} as wins", .. ofStamp];
        if (OverwriteLog.AreFor(shape))
        {
            row.Add(overwrites.Image());
            stamp.Add(overwrites.Known("k"));
        }

        return $"select k.*, {string.Join(", ", stamp)} into l from (select {string.Join(", ", row)} from {table} t where "
            + $"{keyJoin}{locking} offset 0) k;\n";
    }

    private string Record(ConflictType here, ConflictType? missing, bool isHere) =>
        isOwners
            ? $"""
                conflict := '{(isHere ? "here" : "missing")}';
                wins := l.wins;
                local_row := l.local_row;
                ts := l.ts;
                node := l.node;
                kept := {(shape.Absent.Count > 0 ? "l.kept" : "null")};
                key := {history.Key};
                remote_row := {history.RemoteRow};

                """
            : Insert(history.Values(here, missing, isHere ? "true" : "false"));

    private static string Insert(string values) => $"{ConflictRecord.Insert} values ({values});\nrecorded := 1;\n";

    private string Write()
    {
        var assignments = names.Assignments(names.Parameter);
        if (shape.Kind != ChangeKind.Delete && assignments.Length == 0)
            return "";
        var write =
            shape.Kind == ChangeKind.Delete
                ? $"delete from {table} t where {keyJoin}"
                : $"update {table} t set {assignments} where {keyJoin}";
        return OverwriteLog.AreFor(shape)
            ? overwrites.Script(write, keyJoin)
            : $"own.done := set_config('{SessionSettings.HealerRecords}', '{contention.HealingOf(shape.Kind)}', true);\n{write};\n";
    }
}
