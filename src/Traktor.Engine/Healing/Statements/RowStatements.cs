using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Owners;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Statements;

/// <summary>A statement that applies rows.</summary>
/// <param name="Sql">Its text, with parameters as in <see cref="RowRun.Bind"/>.</param>
/// <param name="WritesTable">Whether it writes the user's table and so runs as the table's owner.</param>
internal sealed record RowStatement(string Sql, bool WritesTable)
{
    /// <summary>Whether the following statements have nothing to do for a row that this one wrote.</summary>
    public bool MayBeAll { get; init; }

    /// <summary>
    /// What is recorded of the rows that it overwrites, a value of <see cref="SessionSettings.HealerRecords"/>; null
    /// when it overwrites none.
    /// </summary>
    public string? Healing { get; init; }

    /// <summary>Whether it logs its overwrites itself, in place of the table's triggers.</summary>
    public bool LogsOverwrites { get; init; }
}

/// <summary>
/// The statements that apply rows of one shape. They lock the rows, then decide, record and write them, so that no
/// answer is needed in between and many transactions fit into one round trip. Parameters are those of
/// <see cref="RowNames"/>; for many rows each is an array, of text or of the column's type.
/// </summary>
internal sealed class RowStatements
{
    private readonly RowShape shape;
    private readonly RowNames names;
    private readonly ApplyTerms terms;
    private readonly Contention contention;
    private readonly ConflictRecord history;
    private readonly string table;
    private readonly string source;
    private readonly string keyJoin;

    private RowStatements(RowShape shape, ApplyTerms terms, bool isMany, bool isDecided, bool isTyped)
    {
        this.shape = shape;
        this.terms = terms;
        names = new RowNames(shape, isDecided);
        table = shape.Relation.Target.Table.Quoted;
        source = isMany
            ? ManyRows(names.Values, isTyped)
            : $"(select {string.Join(", ", names.Values.Select((value, i) => $"${i + 1}::{value.Type} as {value.Name}"))}) v";
        contention = new Contention(terms, terms.PolicyOf(shape.Relation.Target), names.At);
        history = new ConflictRecord(names, terms, contention, value => $"l.{value}");
        keyJoin = names.KeyJoin(OfSource);
    }

    /// <summary>The statements, in the order in which they run.</summary>
    /// <param name="shape">What the rows have in common.</param>
    /// <param name="terms">The heal's terms.</param>
    /// <param name="isMany">For runs of rows with different keys; otherwise for one row.</param>
    /// <param name="isDecided">For transactions with a conflict that was recorded before and perhaps decided.</param>
    /// <param name="isTyped">Whether the parameters are arrays of the columns' types, for many rows inside a function.
    /// The statement then logs overwrites, not the triggers.</param>
    public static IReadOnlyList<RowStatement> For(RowShape shape, ApplyTerms terms, bool isMany, bool isDecided, bool isTyped = false)
    {
        var made = new RowStatements(shape, terms, isMany, isDecided, isTyped);
        var statements = new List<RowStatement>();
        if (shape.Kind == ChangeKind.Insert)
            statements.Add(new(made.InsertOrLock(), WritesTable: true) { MayBeAll = true });
        statements.Add(new(shape.Kind == ChangeKind.Insert ? made.RecordInsertExists() : made.RecordOverwrite(), WritesTable: false));
        if (shape.Kind == ChangeKind.Update && isDecided)
            statements.Add(new(made.InsertMissing(), WritesTable: true));
        if (shape.Kind == ChangeKind.Delete || made.Assignments.Length > 0)
            statements.Add(made.Overwriting(logsOverwrites: isTyped && OverwriteLog.AreFor(shape)));
        return statements;
    }

    /// <summary>
    /// All of them for a table of another role, in a function with its rights. It records no conflict, but returns
    /// them: the history is not the owner's to write. Parameters that are values are texts, or arrays of texts.
    /// </summary>
    public static Routine ForOwner(RowShape shape, ApplyTerms terms, bool isMany, bool isDecided)
    {
        var made = new RowStatements(shape, terms, isMany, isDecided, isTyped: false) { IsOwners = true };
        var statements = new List<string>();
        if (shape.Kind == ChangeKind.Insert)
            statements.Add(
                $"{made.InsertOrLock()};\nget diagnostics written = row_count;\nif written < {(isMany ? "cardinality($1)" : "1")} then"
            );
        statements.Add($"return query {(shape.Kind == ChangeKind.Insert ? made.RecordInsertExists() : made.RecordOverwrite())};");
        if (shape.Kind == ChangeKind.Update && isDecided)
            statements.Add($"{made.InsertMissing()};");
        if (shape.Kind == ChangeKind.Delete || made.Assignments.Length > 0)
            statements.Add(
                $"perform set_config('{SessionSettings.HealerRecords}', '{made.contention.HealingOf(shape.Kind)}', true);\n"
                    + $"{made.Overwriting(logsOverwrites: false).Sql};"
            );
        if (shape.Kind == ChangeKind.Insert)
            statements.Add("end if;");
        var arguments = made
            .names.Values.Select(value => value.Name == "ord" ? "integer" : "text")
            .Select(type => isMany ? $"{type}[]" : type)
            .Concat(["pg_lsn", "timestamptz"]);
        return new Routine(
            "rows",
            shape.Relation.Target.Owner,
            string.Join(", ", arguments),
            $"table ({OwnersResults})",
            $"""
            #variable_conflict use_column
            declare written bigint;
            begin
            {string.Join('\n', statements)}
            end
            """
        );
    }

    /// <summary>The columns of <see cref="ForOwner"/>: what <see cref="ConflictRecord"/> asks of <c>l</c>.</summary>
    private const string OwnersResults =
        "ord integer, decision text, is_here boolean, wins boolean, local_row jsonb, ts timestamptz, node integer, "
        + "kept jsonb, key jsonb, remote_row jsonb";

    /// <summary>Whether conflicts are returned to the session, which records them.</summary>
    private bool IsOwners { get; init; }

    /// <summary>Records conflicts, <c>l</c>, or returns them.</summary>
    private string Record(string values, string isHere, string from) =>
        IsOwners
            ? $"select l.ord, {(names.IsDecided ? "l.decision" : "null::text")}, {isHere}, l.wins, l.local_row, l.ts, l.node, "
                + $"{(isHere != "true" && shape.Absent.Count > 0 ? "l.kept" : "null::jsonb")}, {history.Key}, {history.RemoteRow} {from}"
            : $"{ConflictRecord.Insert} select {values} {from}{history.Again}";

    private RowStatement Overwriting(bool logsOverwrites)
    {
        Func<string, string> write = shape.Kind switch
        {
            ChangeKind.Delete => Delete,
            ChangeKind.Insert => OverwriteExisting,
            _ => Update,
        };
        var healing = contention.HealingOf(shape.Kind);
        var sql = logsOverwrites ? new OverwriteLog(shape, terms, contention).Around(write, source, keyJoin) : write(source);
        return new RowStatement(sql, WritesTable: true) { Healing = healing, LogsOverwrites = logsOverwrites };
    }

    private static string ManyRows(IReadOnlyList<(string Name, string Type)> values, bool isTyped)
    {
        var names = string.Join(", ", values.Select(value => value.Name));
        return isTyped
            ? $"(select u.* from unnest({string.Join(", ", values.Select((_, i) => $"${i + 1}"))}) u({names})) v"
            : $"(select {string.Join(", ", values.Select(value => $"u.{value.Name}::{value.Type} as {value.Name}"))} "
                + $"from "
                + $"unnest({string.Join(", ", values.Select((value, i) => $"${i + 1}::{(value.Name == "ord" ? "int4" : "text")}[]"))}) "
                + $"u({names})) v";
    }

    private static string OfSource(string value) => $"v.{value}";

    private string Assignments => names.Assignments(OfSource);

    private string Values => string.Join(", ", shape.Present.Select((_, i) => OfSource($"c{i}")));

    /// <summary>
    /// Afterwards each row is either inserted, or the existing row is locked until the end of the transaction.
    /// </summary>
    private string InsertOrLock() =>
        $"insert into {table} as t ({names.Columns}) overriding system value select {Values} from {source} {names.OnConflictLock}";

    /// <summary>
    /// Each row's decision is computed once, in l; OFFSET 0 keeps the server from computing it again for every column.
    /// </summary>
    private string RecordInsertExists() =>
        Record(
            history.Values(ConflictType.InsertExists),
            "true",
            $"from (select v.*, {shape.Relation.Target.RecordOf("t")} as local_row, s.ts, {terms.NodeOf("s.ro")} as node, "
                + $"{Wins(ConflictType.InsertExists, ("s.ts", "s.ro"))} as wins "
                + $"from {source} join {table} t on {keyJoin} {contention.StampItem("t")} where not "
                + $"{Contention.IsOwn("t", "s.ts")}{(names.IsDecided ? "" : $" and not {contention.IsSameVersion(("s.ts", "s.ro"))}")} "
                + "offset 0) l"
        );

    private string OverwriteExisting(string rows)
    {
        var stamp = contention.StampOf("t");
        return $"update {table} t set {Assignments} from {rows} where {keyJoin} and not {Contention.IsOwn("t", stamp.At)} and "
            + $"{Wins(ConflictType.InsertExists, stamp)}";
    }

    /// <summary>
    /// Locks the rows that an update or delete overwrites, and records those that are missing or that another node
    /// changed later.
    /// </summary>
    private string RecordOverwrite()
    {
        var (differs, missing) = shape.TypesOfOverwrite;
        // In the select list, so that it is the locked row's stamp; see Contention.StampItem.
        var stamp = contention.StampOf("t");
        var newer = contention.IsNewerElsewhere(("h.ts", "h.ro"));
        var kept = shape.Absent.Count == 0 ? "" : $", {history.Kept} as kept";
        var locked =
            $"with h as materialized (select v.ord, {stamp.At} as ts, {stamp.Origin} as ro, case when "
            + $"{contention.IsNewerElsewhere(stamp)} then {shape.Relation.Target.RecordOf("t")} end as local_row{kept} "
            + $"from {source} join {table} t on {keyJoin} for update of t) ";
        var conflicts =
            $"from (select v.*, h.local_row, h.ts, {terms.NodeOf("h.ro")} as node, h.ord is not null as is_here, "
            + $"case when h.ord is null then {Wins(missing, ("null::timestamptz", "0::oid"))} else "
            + $"{Wins(differs, ("h.ts", "h.ro"))} end as wins{(shape.Absent.Count == 0 ? "" : ", h.kept")} "
            + $"from {source} left join h on h.ord = v.ord where h.ord is null or {newer} offset 0) l";
        return locked + Record(history.Values(differs, missing, "l.is_here"), "l.is_here", conflicts);
    }

    private string Update(string rows)
    {
        var stamp = contention.StampOf("t");
        return $"update {table} t set {Assignments} from {rows} where {keyJoin} "
            + $"and (not {contention.IsNewerElsewhere(stamp)} or {Wins(ConflictType.UpdateOriginDiffers, stamp)})";
    }

    private string InsertMissing() =>
        $"insert into {table} as t ({names.Columns}) overriding system value select {Values} from {source} "
        + $"where {Wins(ConflictType.UpdateMissing, ("null::timestamptz", "0::oid"))} and not exists (select from {table} t where "
        + $"{keyJoin})";

    private string Delete(string rows)
    {
        var stamp = contention.StampOf("t");
        return $"delete from {table} t using {rows} where {keyJoin} "
            + $"and (not {contention.IsNewerElsewhere(stamp)} or {Wins(ConflictType.DeleteOriginDiffers, stamp)})";
    }

    private string Wins(ConflictType type, (string At, string Origin) stamp) =>
        contention.RemoteWins(
            type,
            stamp,
            names.IsDecided ? OfSource("decision") : null,
            movesRow: type == ConflictType.UpdateOriginDiffers && shape.TakesRowAway
        );
}
