using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Statements;

/// <summary>
/// Lets the statement that writes rows log its overwrites in <c>trktr.overwrite_log</c> itself, by the rules of
/// <c>trktr.log_overwrite</c> (<c>Detection/OverwriteRules</c>): under many conflicts the trigger took more time than
/// all other work. The setting <see cref="SessionSettings.LoggedTable"/> tells the triggers.
/// </summary>
/// <param name="Shape">What the rows have in common.</param>
/// <param name="Terms">The heal's terms.</param>
/// <param name="Contention">How the table's conflicts are decided.</param>
internal sealed record OverwriteLog(RowShape Shape, ApplyTerms Terms, Contention Contention)
{
    /// <summary>
    /// An expression that sets <see cref="SessionSettings.LoggedTable"/> until the end of the transaction: the
    /// statement logs overwrites of this table, or with null of no table, and the triggers do not.
    /// </summary>
    public static string SetLoggedTable(TableName? table) =>
        $"set_config('{SessionSettings.LoggedTable}', {(table is { } name ? Quote.Literal($"{name.Schema}.{name.Name}") : "''")}, true)";

    private TargetTable Target => Shape.Relation.Target;

    private bool IsDelete => Shape.Kind == ChangeKind.Delete;

    private string Peer => Number(Terms.Inbound);

    private string Self => Number(Terms.Node);

    private string Names => $"{Quote.Literal(Target.Table.Schema)}, {Quote.Literal(Target.Table.Name)}";

    /// <summary>Marks the overwrite log as not empty.</summary>
    private const string LogNotEmpty = $"set_config('{SessionSettings.OverwriteLogEmpty}', '', false)";

    /// <summary>
    /// Whether a statement can log the overwrites of a shape. It cannot where the table has another owner, who may see
    /// and write only the log entries of his own tables, and only through the trigger's function; nor where the key
    /// changes, which needs two entries.
    /// </summary>
    public static bool AreFor(RowShape shape) =>
        shape.Relation.Target is { IsWatched: true, IsForeignOwner: false } && (shape.Kind != ChangeKind.Update || !shape.HasOldKey);

    /// <summary>A statement that writes many rows and logs their overwrites.</summary>
    /// <param name="write">Returns the writing statement, without RETURNING, for its source <c>v</c>. Its rows <c>t</c>
    /// are locked.</param>
    /// <param name="values">The rows' values, a FROM item <c>v</c>.</param>
    /// <param name="keyJoin">The condition by which <c>v</c> finds its row <c>t</c>.</param>
    public string Around(Func<string, string> write, string values, string keyJoin)
    {
        var (at, origin) = Contention.StampOf("t");
        var node = $"coalesce({Terms.NodeOf(origin)}, {Self})";
        var isKnown = IsKnown(at, node, "t.xmin");
        var isOwn = Contention.IsOwn("t", at);
        var image = Terms.ImageOf(Target, "t");
        // Only for rows that may be logged; most rows are not.
        var oldImage =
            $"case when {isOwn} then (case when {HasLogged} then {image} end) when not {isKnown} or {IsContested}) then {image} end";
        var source =
            $"(select v.*, {at} as old_at, {node} as old_node, {isOwn} as is_own, {isKnown} as is_known, {oldImage} as old_image "
            + $"from {values} join {Target.Table.Quoted} t on {keyJoin} offset 0) v";
        var isLarge = $"case when n.is_own or n.old_node = {Self} then false else (select s.is_large from s) end";
        return $"with w as ({write(source)} returning v.ord, v.old_at, v.old_node, v.is_own, v.is_known, v.old_image"
            + $"{(IsDelete ? "" : $", case when v.old_image is not null then {image} end as new_image")}), "
            + $"n as (select w.*, {Shape.Relation.KeyOf("w.old_image")} as key from w where w.old_image is not null), "
            + $"s as materialized (select {IsLarge} as is_large) "
            + $"{Insert} select "
            + $"{Entry("n.old_image", "n.old_at", "n.old_node", "n.key", "n.is_own", isLarge, "n.new_image")} "
            + $"from n where (n.is_own or not n.is_known or {IsContested} and r.key = n.key)) and {LogNotEmpty} = '' order by n.ord";
    }

    /// <summary>
    /// Columns that <see cref="Script"/> needs when a row is looked up, to follow those of <paramref name="row"/>:
    /// <c>writer</c>, <c>is_known</c>, <c>is_own</c>.
    /// </summary>
    /// <param name="row">A FROM item with the row's <c>ts</c>, <c>ro</c> and <c>xmin</c>.</param>
    public string Known(string row)
    {
        var writer = $"coalesce({Terms.NodeOf($"{row}.ro")}, {Self})";
        return $"{writer} as writer, {IsKnown($"{row}.ts", writer, $"{row}.xmin")} as is_known, {Contention.IsOwn(row, $"{row}.ts")} "
            + $"as is_own";
    }

    /// <summary>The image of a row <c>t</c>, if it is certain to be logged.</summary>
    public string Image()
    {
        var (at, origin) = Contention.StampOf("t");
        return $"case when not {IsKnown(at, $"coalesce({Terms.NodeOf(origin)}, {Self})", "t.xmin")} then {Terms.ImageOf(Target, "t")} "
            + $"end as image";
    }

    /// <summary>
    /// PL/pgSQL statements that write one row <c>t</c> and log its overwrite. The row is locked, and <c>l</c> has its
    /// <c>ts</c>, <see cref="Known"/> and <see cref="Image"/>. They use the variables <see cref="Variables"/> of the
    /// block <c>own</c>. Functions are called in assignments, which cost a fraction of PERFORM.
    /// </summary>
    /// <param name="write">The writing statement, without RETURNING.</param>
    /// <param name="keyJoin">The condition that finds the row.</param>
    public string Script(string write, string keyJoin)
    {
        var table = Target.Table.Quoted;
        var image = Terms.ImageOf(Target, "t");
        var returned = IsDelete ? "" : $" returning case when own.is_logged then {image} end into own.new_image";
        return $"""
            if l.is_own then
            own.is_logged := {HasLogged};
            select {image} into l.image from {table} t where {keyJoin};
            elsif l.is_known then
            own.is_logged := {IsContested});
            if own.is_logged then
            select {image} into l.image from {table} t where {keyJoin};
            own.is_logged := {IsContested} and r.key = {Shape.Relation.KeyOf("l.image")});
            end if;
            else
            own.is_logged := true;
            end if;
            own.done := {SetLoggedTable(Target.Table)};
            {write}{returned};
            get diagnostics written = row_count;
            own.done := {SetLoggedTable(null)};
            if own.is_logged and written > 0 then
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

    /// <summary>The variables of <see cref="Script"/>.</summary>
    public const string Variables = "is_logged boolean; is_large boolean := false; new_image json; done text;";

    private string Insert =>
        "insert into trktr.overwrite_log (schema_name, table_name, key, operation, old_row, old_at, old_node, old_incomplete, "
        + "peer, recorded"
        + (IsDelete ? ")" : ", new_row, new_incomplete)");

    /// <summary>
    /// The values of a log entry. A version that the same transaction wrote is logged without its image and stamp.
    /// </summary>
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
    /// Whether the writer certainly knew a version, or every node decides the same about it: not about one whose stamp
    /// a rewrite has erased. A version whose timestamp is no longer kept is old enough to be known.
    /// </summary>
    private string IsKnown(string at, string node, string xmin)
    {
        var logEmpty = IsDelete ? $" and coalesce(current_setting('{SessionSettings.OverwriteLogEmpty}', true), '') = 'on'" : "";
        return Contention.HealingOf(Shape.Kind) == Recording.Final
            ? $"coalesce({at} >= {Stamp.LeastKnownSql}, true)"
            : $"({at} is null or {node} = {Peer}{logEmpty} or age({xmin}) > "
                + $"age(coalesce(nullif(current_setting('{SessionSettings.StableXid}', true), ''), '0')::xid))";
    }

    /// <summary>
    /// Whether this transaction has logged anything. Then later overwrites of rows that it wrote are logged too.
    /// </summary>
    private const string HasLogged = "exists (select from trktr.overwrite_log j where j.xid = pg_current_xact_id())";

    /// <summary>
    /// Whether the table has contested keys. The closing parenthesis is left out, so that a condition on the key can
    /// follow.
    /// </summary>
    private string IsContested => $"exists (select from trktr.contested_key r where (r.schema_name, r.table_name) = ({Names})";

    private string Relation => $"{Quote.Literal(Target.Table.Quoted)}::regclass";

    /// <summary>
    /// Whether the table has TOASTed values. A value that the peer did not send is filled in from the local row,
    /// whatever its size, so that a version written here by another node's change may be an incomplete image.
    /// </summary>
    private string IsLarge =>
        Target.Kind == 'p'
            ? $"(select exists (select from pg_partition_tree({Relation}) p join pg_class c on c.oid = p.relid where "
                + $"pg_relation_size(nullif(c.reltoastrelid, 0)) > 0))"
            : $"(select coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)) > 0, false) from pg_class c where c.oid = {Relation})";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
