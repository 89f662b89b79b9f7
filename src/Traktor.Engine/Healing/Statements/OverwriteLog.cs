using System.Globalization;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// Has what writes rows log their overwrites in <c>trktr.overwrite_log</c> itself, by the rules of <c>trktr.log_overwrite</c>
/// (<c>Convergence/OverwriteRules</c>): in a storm of conflicts the trigger took more time than all the rest. The trigger is
/// told by the setting <see cref="SessionSettings.LoggedTable"/>.
/// </summary>
/// <param name="Shape">What the rows have in common.</param>
/// <param name="Terms">The heal's terms.</param>
/// <param name="Contention">How the table's conflicts are decided.</param>
internal sealed record OverwriteLog(RowShape Shape, ApplyTerms Terms, Contention Contention)
{
    /// <summary>
    /// Tells the triggers of a table that its overwrites are logged without them, and with null that none are: an expression
    /// that sets the setting until the end of the transaction.
    /// </summary>
    public static string Announce(TableName? table) =>
        $"set_config('{SessionSettings.LoggedTable}', {(table is { } noted ? Quote.Literal($"{noted.Schema}.{noted.Name}") : "''")}, true)";

    private TargetTable Target => Shape.Relation.Target;

    private bool IsDelete => Shape.Kind == ChangeKind.Delete;

    private string Peer => Number(Terms.Inbound);

    private string Self => Number(Terms.Node);

    private string Names => $"{Quote.Literal(Target.Table.Schema)}, {Quote.Literal(Target.Table.Name)}";

    /// <summary>The overwrite log holds what this stream has logged.</summary>
    private const string LogNotEmpty = $"set_config('{SessionSettings.OverwriteLogEmpty}', '', false)";

    /// <summary>
    /// Whether rows of a shape can be noted so: not as another owner, who may see and write no more of the overwrite log than
    /// his tables' entries, which only the trigger's function can ask for; and not where the key changes, which is two
    /// entries.
    /// </summary>
    public static bool AreFor(RowShape shape) =>
        shape.Relation.Target is { IsWatched: true, IsForeignOwner: false } && (shape.Kind != ChangeKind.Update || !shape.HasOldKey);

    /// <summary>A statement that writes many rows and notes them.</summary>
    /// <param name="write">Makes the one that writes, without RETURNING, of its source <c>v</c>; its rows <c>t</c> are locked.</param>
    /// <param name="values">The rows' values, a FROM item <c>v</c>.</param>
    /// <param name="keyJoin">The condition by which <c>v</c> finds its row <c>t</c>.</param>
    public string Around(Func<string, string> write, string values, string keyJoin)
    {
        var (at, origin) = Contention.StampOf("t");
        var node = $"coalesce({Terms.NodeOf(origin)}, {Self})";
        var isKnown = IsKnown(at, node, "t.xmin");
        var isOwn = Contention.IsOwn("t", at);
        var image = Terms.ImageOf(Target, "t");
        // Only of rows that may be noted: most are ordinary.
        var oldImage =
            $"case when {isOwn} then (case when {IsNotedBefore} then {image} end) when not {isKnown} or {IsContested}) then {image} end";
        var source =
            $"(select v.*, {at} as old_at, {node} as old_node, {isOwn} as is_own, {isKnown} as is_known, {oldImage} as old_image "
            + $"from {values} join {Target.Table.Quoted} t on {keyJoin} offset 0) v";
        return $"with w as ({write(source)} returning v.ord, v.old_at, v.old_node, v.is_own, v.is_known, v.old_image"
            + $"{(IsDelete ? "" : $", case when v.old_image is not null then {image} end as new_image")}), "
            + $"n as (select w.*, {Shape.Relation.KeyOf("w.old_image")} as key from w where w.old_image is not null), "
            + $"s as materialized (select {IsLarge} as is_large) "
            + $"{Insert} select "
            + $"{Entry("n.old_image", "n.old_at", "n.old_node", "n.key", "n.is_own", $"case when n.is_own or n.old_node = {Self} then false else (select s.is_large from s) end", "n.new_image")} "
            + $""
            + $"from n where (n.is_own or not n.is_known or {IsContested} and r.key = n.key)) and {LogNotEmpty} = '' order by n.ord";
    }

    /// <summary>
    /// What <see cref="Script"/> needs to know of a row when it is looked up, columns after those of
    /// <paramref name="row"/>: <c>writer</c>, <c>is_known</c>, <c>is_own</c>.
    /// </summary>
    /// <param name="row">A FROM item with the row's <c>ts</c>, <c>ro</c> and <c>xmin</c>.</param>
    public string Known(string row)
    {
        var writer = $"coalesce({Terms.NodeOf($"{row}.ro")}, {Self})";
        return $"{writer} as writer, {IsKnown($"{row}.ts", writer, $"{row}.xmin")} as is_known, {Contention.IsOwn(row, $"{row}.ts")} "
            + $"as is_own";
    }

    /// <summary>The image of a row <c>t</c>, where it is certain that it will be noted.</summary>
    public string Image()
    {
        var (at, origin) = Contention.StampOf("t");
        return $"case when not {IsKnown(at, $"coalesce({Terms.NodeOf(origin)}, {Self})", "t.xmin")} then {Terms.ImageOf(Target, "t")} "
            + $"end as image";
    }

    /// <summary>
    /// Statements in PL/pgSQL that write one row <c>t</c> and note it; the row is locked, and <c>l</c> has its
    /// <c>ts</c>, <see cref="Known"/> and <see cref="Image"/>. They use the variables <see cref="Variables"/> of the
    /// block <c>own</c>. A function is called in an assignment, which costs a fraction of PERFORM.
    /// </summary>
    /// <param name="write">The statement that writes, without RETURNING.</param>
    /// <param name="keyJoin">The condition by which the row is found.</param>
    public string Script(string write, string keyJoin)
    {
        var table = Target.Table.Quoted;
        var image = Terms.ImageOf(Target, "t");
        var returned = IsDelete ? "" : $" returning case when own.is_noted then {image} end into own.new_image";
        return $"""
            if l.is_own then
            own.is_noted := {IsNotedBefore};
            select {image} into l.image from {table} t where {keyJoin};
            elsif l.is_known then
            own.is_noted := {IsContested});
            if own.is_noted then
            select {image} into l.image from {table} t where {keyJoin};
            own.is_noted := {IsContested} and r.key = {Shape.Relation.KeyOf("l.image")});
            end if;
            else
            own.is_noted := true;
            end if;
            own.done := {Announce(Target.Table)};
            {write}{returned};
            get diagnostics written = row_count;
            own.done := {Announce(null)};
            if own.is_noted and written > 0 then
            if not l.is_own and l.writer <> {Self} then
            own.is_large := {IsLarge};
            end if;
            {Insert} values ({Entry(
                "l.image",
                "l.ts",
                "l.writer",
                Shape.Relation.KeyOf("l.image"),
                "l.is_own",
                "own.is_large",
                "own.new_image"
            )});
            own.done := {LogNotEmpty};
            end if;

            """;
    }

    /// <summary>What <see cref="Script"/> keeps.</summary>
    public const string Variables = "is_noted boolean; is_large boolean := false; new_image json; done text;";

    private string Insert =>
        "insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, "
        + "peer, recorded"
        + (IsDelete ? ")" : ", new_row, new_incomplete)");

    /// <summary>The values of an entry. Of a version that this transaction wrote itself neither its image nor its stamp is noted.</summary>
    private string Entry(string image, string at, string node, string key, string isOwn, string isIncomplete, string newImage)
    {
        var values =
            $"{Names}, {key}, '{(IsDelete ? 'D' : 'U')}', case when not {isOwn} then {image} end, {at}, case when not {isOwn} "
            + $"then {node} end, {isIncomplete}, "
            + $"{Peer}, '{Recording.LetterOf(Contention.HealingOf(Shape.Kind))}'";
        return IsDelete
            ? values
            : $"{values}, {newImage}, "
                + $"{(Shape.Absent.Count == 0 ? "false" : $"trktr.has_unchanged_toast({Relation}, {image}, {newImage})")}";
    }

    /// <summary>
    /// Whether a version was certainly known to the writer, or what is done to it was decided the same everywhere. One
    /// whose stamp is forgotten is older than all that count.
    /// </summary>
    private string IsKnown(string at, string node, string xmin)
    {
        var logEmpty = IsDelete ? $" and coalesce(current_setting('{SessionSettings.OverwriteLogEmpty}', true), '') = 'on'" : "";
        return Contention.HealingOf(Shape.Kind) == Recording.Final
            ? "true"
            : $"({at} is null or {node} = {Peer}{logEmpty} or age({xmin}) > "
                + $"age(coalesce(nullif(current_setting('{SessionSettings.StableXid}', true), ''), '0')::xid))";
    }

    /// <summary>Whether this transaction has noted anything: then what becomes of rows that it wrote has to be known too.</summary>
    private const string IsNotedBefore = "exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id())";

    /// <summary>Whether the table has contested keys; without its last bracket, so that the key may be asked for.</summary>
    private string IsContested => $"exists (select from trktr.contested_key r where (r.schema_name, r.table_name) = ({Names})";

    private string Relation => $"{Quote.Literal(Target.Table.Quoted)}::regclass";

    /// <summary>
    /// Whether the table has large values: a value that the peer did not send is filled in from the row that is here,
    /// whatever size it has, so that what another node's change left here may be an incomplete image wherever there is one.
    /// </summary>
    private string IsLarge =>
        Target.Kind == 'p'
            ? $"(select exists (select from pg_partition_tree({Relation}) p join pg_class c on c.oid = p.relid where "
                + $"pg_relation_size(nullif(c.reltoastrelid, 0)) > 0))"
            : $"(select coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)) > 0, false) from pg_class c where c.oid = {Relation})";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
