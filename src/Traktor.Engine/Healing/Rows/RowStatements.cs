using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Rows;

/// <summary>A statement that applies rows.</summary>
/// <param name="Sql">Its text; parameters as <see cref="RowRun.Bind"/> makes them.</param>
/// <param name="WritesTable">Whether it writes the user's table, and is therefore run as the table's owner.</param>
internal sealed record RowStatement(string Sql, bool WritesTable)
{
    /// <summary>Whether the statements after it have nothing to do for a row that it wrote.</summary>
    public bool MayBeAll { get; init; }

    /// <summary>What is recorded of the rows that it overwrites, a value of <see cref="Recording.Setting"/>; null for one that overwrites none.</summary>
    public string? Healing { get; init; }

    /// <summary>Whether it notes the hits of the rows that it overwrites itself, instead of the table's triggers.</summary>
    public bool NotesHits { get; init; }
}

/// <summary>
/// The statements that apply rows of one shape; they lock the rows, then decide, record and write on what is locked, so that no answer has to come back
/// in between and many transactions fit into one round trip. Parameters: the present values, the old key, the ordinal, a decision by hand where
/// <c>decided</c> is asked for, then the transaction's position and commit timestamp; for many rows each is an array of them, of texts or of the columns' own types.
/// </summary>
internal sealed class RowStatements
{
    private const string HistoryColumns =
        "subscription, peer, lsn, ordinal, relation, conflict_type, operation, key, local_row, local_stamp, local_origin, remote_row, remote_stamp, remote_origin, "
        + "policy, verdict, resolution, reason, resolved, resolved_by";

    private readonly RowShape shape;
    private readonly ApplyTerms terms;
    private readonly bool isDecided;
    private readonly Contention contention;
    private readonly string table;
    private readonly string source;
    private readonly string lsn;
    private readonly string at;
    private readonly string keyJoin;

    private RowStatements(RowShape shape, ApplyTerms terms, bool isMany, bool isDecided, bool isTyped)
    {
        this.shape = shape;
        this.terms = terms;
        this.isDecided = isDecided;
        table = shape.Relation.Target.Table.Quoted;
        var values = new List<(string Name, string Type)>(shape.Present.Select((column, i) => ($"c{i}", shape.Relation.Columns[column].Type)));
        if (shape.HasOldKey)
            values.AddRange(shape.Relation.Key.Select((column, i) => ($"k{i}", shape.Relation.Columns[column].Type)));
        values.Add(("ord", "pg_catalog.int4"));
        if (isDecided)
            values.Add(("decision", "pg_catalog.text"));
        source = isMany ? ManyRows(values, isTyped) : $"(select {string.Join(", ", values.Select((value, i) => $"${i + 1}::{value.Type} as {value.Name}"))}) v";
        lsn = $"${values.Count + 1}::pg_lsn";
        at = $"${values.Count + 2}::timestamptz";
        contention = new Contention(terms, terms.PolicyOf(shape.Relation.Target), at);
        keyJoin = string.Join(" and ", shape.Relation.Target.Identity!.Parts.Select((part, i) => $"t.{KeyName(i)} {part.Operator} v.{KeyAlias(i)}"));
    }

    /// <summary>The statements, to be run in this order.</summary>
    /// <param name="shape">What the rows have in common.</param>
    /// <param name="terms">The heal's terms.</param>
    /// <param name="isMany">For runs of rows with different keys; otherwise for one row.</param>
    /// <param name="isDecided">For transactions of which a conflict was recorded before, and perhaps decided by hand.</param>
    /// <param name="isTyped">Whether the parameters have the columns' types already, or arrays of them: inside a function. Hits of many rows are noted by the statement then, not by triggers.</param>
    public static IReadOnlyList<RowStatement> For(RowShape shape, ApplyTerms terms, bool isMany, bool isDecided, bool isTyped = false)
    {
        var made = new RowStatements(shape, terms, isMany, isDecided, isTyped);
        var statements = new List<RowStatement>();
        if (shape.Kind == ChangeKind.Insert)
            statements.Add(new(made.InsertOrLock(), WritesTable: true) { MayBeAll = true });
        statements.Add(new(shape.Kind == ChangeKind.Insert ? made.RecordInsertExists() : made.RecordHit(), WritesTable: false));
        if (shape.Kind == ChangeKind.Update && isDecided)
            statements.Add(new(made.InsertMissing(), WritesTable: true));
        if (shape.Kind == ChangeKind.Delete || made.Assignments.Length > 0)
            statements.Add(made.Overwriting(notesHits: isTyped && isMany && HitNotes.AreFor(shape)));
        return statements;
    }

    private RowStatement Overwriting(bool notesHits)
    {
        Func<string, string> write = shape.Kind switch
        {
            ChangeKind.Delete => Delete,
            ChangeKind.Insert => OverwriteExisting,
            _ => Update,
        };
        var healing = shape.Kind == ChangeKind.Insert ? contention.HealingOfExclusion : Recording.Later;
        var sql = notesHits ? new HitNotes(shape, terms, contention, source, keyJoin).Around(write, healing) : write(source);
        return new RowStatement(sql, WritesTable: true) { Healing = healing, NotesHits = notesHits };
    }

    private static string ManyRows(List<(string Name, string Type)> values, bool isTyped)
    {
        var names = string.Join(", ", values.Select(value => value.Name));
        return isTyped
            ? $"(select u.* from unnest({string.Join(", ", values.Select((_, i) => $"${i + 1}"))}) u({names})) v"
            : $"(select {string.Join(", ", values.Select(value => $"u.{value.Name}::{value.Type} as {value.Name}"))} "
                + $"from unnest({string.Join(", ", values.Select((value, i) => $"${i + 1}::{(value.Name == "ord" ? "int4" : "text")}[]"))}) u({names})) v";
    }

    private string KeyName(int part) => Quote.Identifier(shape.Relation.Columns[shape.Relation.Key[part]].Name);

    private string KeyAlias(int part) => shape.HasOldKey ? $"k{part}" : $"c{IndexOf(shape.Relation.Key[part])}";

    private int IndexOf(int column)
    {
        for (var i = 0; i < shape.Present.Count; i++)
            if (shape.Present[i] == column)
                return i;
        throw new InvalidOperationException("A key column was not sent.");
    }

    private string Names => string.Join(", ", shape.Present.Select(column => Quote.Identifier(shape.Relation.Columns[column].Name)));

    private string Values => string.Join(", ", shape.Present.Select((_, i) => $"v.c{i}"));

    private string Decision => isDecided ? "v.decision" : "";

    /// <summary>After it every row is either inserted, or another is there and locked until the end.</summary>
    private string InsertOrLock() =>
        $"insert into {table} as t ({Names}) overriding system value select {Values} from {source} "
        + $"on conflict ({string.Join(", ", shape.Relation.Key.Select((_, i) => KeyName(i)))}) do update set {KeyName(0)} = default where false";

    /// <summary>What is decided of a row is computed once, in l; "offset 0" keeps the server from computing it for every column anew.</summary>
    private string RecordInsertExists() =>
        $"insert into trktr.history ({HistoryColumns}) "
        + $"select {Recorded("'insert_exists'")} "
        + $"from (select v.*, to_jsonb(t.*) as local_row, s.ts, {terms.NodeOf("s.ro")} as node, {Wins(ConflictType.InsertExists, ("s.ts", "s.ro"))} as wins "
        + $"from {source} join {table} t on {keyJoin} {contention.StampItem("t")} where not {Contention.IsOwn("t", "s.ts")}{(isDecided ? "" : $" and not {contention.IsSameVersion(("s.ts", "s.ro"))}")} offset 0) l{Again}";

    private string OverwriteExisting(string rows)
    {
        var stamp = contention.StampOf("t");
        return $"update {table} t set {Assignments} from {rows} where {keyJoin} and not {Contention.IsOwn("t", stamp.At)} and {Wins(ConflictType.InsertExists, stamp)}";
    }

    /// <summary>Locks the rows that an update or delete hits and records those that are missing, or that another node changed later.</summary>
    private string RecordHit()
    {
        var (differs, missing) = shape.Kind == ChangeKind.Update
            ? (ConflictType.UpdateOriginDiffers, ConflictType.UpdateMissing)
            : (ConflictType.DeleteOriginDiffers, ConflictType.DeleteMissing);
        // Of the row as it is once it is locked: in the select list, see Contention.StampItem.
        var stamp = contention.StampOf("t");
        var newer = contention.IsNewerElsewhere(("h.ts", "h.ro"));
        var type = $"case when l.is_here then '{ConflictWords.Of(differs)}' else '{ConflictWords.Of(missing)}' end";
        var kept = Absent.Count == 0 ? "" : $", {Object(Absent.Select(name => (name, $"t.{name}")))} as kept";
        return $"with h as materialized (select v.ord, {stamp.At} as ts, {stamp.Origin} as ro, case when {contention.IsNewerElsewhere(stamp)} then to_jsonb(t.*) end as local_row{kept} "
            + $"from {source} join {table} t on {keyJoin} for update of t) "
            + $"insert into trktr.history ({HistoryColumns}) "
            + $"select {Recorded(type, missing)} "
            + $"from (select v.*, h.local_row, h.ts, {terms.NodeOf("h.ro")} as node, h.ord is not null as is_here, "
            + $"case when h.ord is null then {Wins(missing, ("null::timestamptz", "0::oid"))} else {Wins(differs, ("h.ts", "h.ro"))} end as wins{(Absent.Count == 0 ? "" : ", h.kept")} "
            + $"from {source} left join h on h.ord = v.ord where h.ord is null or {newer} offset 0) l{Again}";
    }

    private string Update(string rows)
    {
        var stamp = contention.StampOf("t");
        return $"update {table} t set {Assignments} from {rows} where {keyJoin} "
            + $"and (not {contention.IsNewerElsewhere(stamp)} or {Wins(ConflictType.UpdateOriginDiffers, stamp)})";
    }

    private string InsertMissing() =>
        $"insert into {table} as t ({Names}) overriding system value select {Values} from {source} "
        + $"where {Wins(ConflictType.UpdateMissing, ("null::timestamptz", "0::oid"))} and not exists (select from {table} t where {keyJoin})";

    private string Delete(string rows)
    {
        var stamp = contention.StampOf("t");
        return $"delete from {table} t using {rows} where {keyJoin} "
            + $"and (not {contention.IsNewerElsewhere(stamp)} or {Wins(ConflictType.DeleteOriginDiffers, stamp)})";
    }

    private string Wins(ConflictType type, (string At, string Origin) stamp) => 
        contention.RemoteWins(type, stamp, isDecided ? Decision : null, movesRow: type == ConflictType.UpdateOriginDiffers && TakesRowAway);

    /// <summary>Whether the key's row goes: it is deleted, or gets another key.</summary>
    private bool TakesRowAway => shape.Kind == ChangeKind.Delete || (shape.Kind == ChangeKind.Update && shape.HasOldKey);

    /// <summary>Columns that are GENERATED ALWAYS AS IDENTITY cannot be updated, at the peer neither.</summary>
    private string Assignments => string.Join(", ", shape.Present
        .Select((column, i) => (Column: shape.Relation.Columns[column], Value: $"v.c{i}"))
        .Where(pair => !pair.Column.IsAlwaysIdentity)
        .Select(pair => $"{Quote.Identifier(pair.Column.Name)} = {pair.Value}"));

    /// <summary>Columns of the peer that were not sent: an update left them as they were.</summary>
    private List<string> Absent => shape.Kind == ChangeKind.Update
        ? [.. Enumerable.Range(0, shape.Relation.Columns.Count).Except(shape.Present).Select(column => Quote.Identifier(shape.Relation.Columns[column].Name))]
        : [];

    /// <summary>The columns of the history, from a row <c>l</c> that holds the values, the local version (local_row, ts, node; is_here) and whether the remote one wins.</summary>
    private string Recorded(string type, ConflictType? missing = null)
    {
        const string Outcome = "case when l.wins then 'apply_remote' else 'keep_local' end";
        var waits = contention.Policy == Policy.Manual
            ? missing == ConflictType.DeleteMissing ? "l.is_here" : "true"
            : "false";
        var verdict = waits switch
        {
            "true" => "'wait_for_hand'",
            "false" => Outcome,
            _ => $"case when {waits} then 'wait_for_hand' else {Outcome} end",
        };
        var undecided = isDecided ? $"({waits} and l.decision is null)" : waits;
        var resolution = isDecided ? $"case when l.decision = 'merge' then 'merge' else {Outcome} end" : Outcome;
        var row = shape.Kind == ChangeKind.Delete ? "null::jsonb" : Object(shape.Present.Select((column, i) => (Quote.Identifier(shape.Relation.Columns[column].Name), $"l.c{i}")));
        var key = Object(shape.Relation.Key.Select((_, i) => (KeyName(i), $"l.{KeyAlias(i)}")));
        var reason = $"case when l.wins then {Quote.Literal(contention.Reason(true, TakesRowAway))} else {Quote.Literal(contention.Reason(false, TakesRowAway))} end";
        if (missing is { } absent)
            reason = $"case when l.is_here then {reason} else {Quote.Literal(absent == ConflictType.UpdateMissing ? "The row is not here (deleted, or never arrived), and an update does not bring it back." : "The row was gone already; there is nothing to delete.")} end";
        var name = Quote.Literal(shape.Relation.Target.Table.ToString());
        return string.Create(CultureInfo.InvariantCulture, $"""
            {Quote.Literal(terms.Name)}, {terms.Inbound}, {lsn}, l.ord, {name}, {type}, '{ConflictWords.Of(shape.Kind)}', {key},
            l.local_row, l.ts, case when l.ts is not null then l.node end, {(Absent.Count > 0 ? $"coalesce(l.kept, '{{}}') || {row}" : row)}, {at}, {terms.Inbound},
            '{ConflictWords.Of(contention.Policy)}', {verdict},
            {Unless(undecided, resolution)}, {reason}, {Unless(undecided, "clock_timestamp()")}, {Unless(undecided, "'policy'")}
            """);
    }

    /// <summary>A value, or null on a condition; without a test where there is nothing to be tested.</summary>
    private static string Unless(string condition, string value) => condition switch
    {
        "true" => "null",
        "false" => value,
        _ => $"case when not {condition} then {value} end",
    };

    /// <summary>A conflict that was recorded before is brought up to date instead; whose decision it was stays.</summary>
    private string Again => isDecided
        ? " on conflict (subscription, lsn, ordinal) do update set conflict_type = excluded.conflict_type, local_row = excluded.local_row, local_stamp = excluded.local_stamp, "
            + "local_origin = excluded.local_origin, remote_row = excluded.remote_row, policy = excluded.policy, verdict = excluded.verdict, resolution = excluded.resolution, "
            + "reason = excluded.reason, resolved = excluded.resolved, resolved_by = case when excluded.resolved is not null then coalesce(history.decided_by, 'policy') end"
        : "";

    /// <summary>A jsonb object; a function takes at most 100 arguments, so wide rows are put together.</summary>
    private static string Object(IEnumerable<(string Name, string Value)> members)
    {
        var pieces = members.Chunk(50).Select(chunk =>
            $"jsonb_build_object({string.Join(", ", chunk.Select(member => $"{Quote.Literal(Unquoted(member.Name))}::text, {member.Value}"))})").ToList();
        return pieces.Count == 0 ? "'{}'::jsonb" : $"({string.Join(" || ", pieces)})";
    }

    private static string Unquoted(string identifier) => identifier[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal);
}
