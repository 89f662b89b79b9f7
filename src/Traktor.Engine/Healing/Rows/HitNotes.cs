using System.Globalization;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Targets;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Healing.Rows;

/// <summary>
/// Has a statement that writes rows note their hits in <c>trktr.journal</c> itself, all of a run at once, by the rules of <c>trktr.note_hit</c> (<c>Convergence/HitRules</c>): in a large
/// transaction of conflicts the trigger, row by row, took more time than all the rest. The trigger is told by the setting <see cref="Setting"/>. For a single row it is the cheaper of the two.
/// </summary>
/// <param name="Shape">What the rows have in common.</param>
/// <param name="Terms">The heal's terms.</param>
/// <param name="Contention">How the table's conflicts are decided.</param>
/// <param name="Source">The rows' values, a FROM item <c>v</c>.</param>
/// <param name="KeyJoin">The condition by which <c>v</c> finds its row <c>t</c>.</param>
internal sealed record HitNotes(RowShape Shape, ApplyTerms Terms, Contention Contention, string Source, string KeyJoin)
{
    /// <summary>The table, as its triggers know it, whose hits a statement notes itself.</summary>
    public const string Setting = "trktr.noted";

    private TargetTable Target => Shape.Relation.Target;

    /// <summary>
    /// Whether rows of a shape can be noted so: not as another owner, who may see and write no more of the journal than his tables' entries, which only the trigger's function can ask for;
    /// and not where the key changes, which is two entries.
    /// </summary>
    public static bool AreFor(RowShape shape) =>
        shape.Relation.Target is { IsWatched: true, IsForeignOwner: false } && (shape.Kind != ChangeKind.Update || !shape.HasOldKey);

    /// <summary>The statement.</summary>
    /// <param name="write">Makes the one that writes, without RETURNING, of its source <c>v</c>; its rows <c>t</c> are locked.</param>
    /// <param name="healing">What is recorded of the rows that it overwrites, a value of <see cref="Recording.Setting"/>.</param>
    public string Around(Func<string, string> write, string healing)
    {
        var isDelete = Shape.Kind == ChangeKind.Delete;
        var (at, origin) = Contention.StampOf("t");
        var (self, peer) = (Number(Terms.Node), Number(Terms.Inbound));
        var node = $"coalesce({Terms.NodeOf(origin)}, {self})";
        var quiet = isDelete ? " and coalesce(current_setting('trktr.quiet', true), '') = 'on'" : "";
        // A version whose stamp is forgotten is older than all that count.
        var isKnown = healing == Recording.Final
            ? "true"
            : $"({at} is null or {node} = {peer}{quiet} or age(t.xmin) > age(coalesce(nullif(current_setting('trktr.horizon', true), ''), '0')::xid))";
        var isOwn = Contention.IsOwn("t", at);
        var image = Terms.ImageOf("t");
        var (schema, name) = (Quote.Literal(Target.Table.Schema), Quote.Literal(Target.Table.Name));
        var isContested = $"exists (select from trktr.register r where r.schema_name = {schema} and r.table_name = {name}";
        // Only of rows that may be noted: most are ordinary.
        var oldImage = $"case when {isOwn} then (case when exists (select from trktr.journal j where j.xid = pg_current_xact_id()) then {image} end) "
            + $"when not {isKnown} or {isContested}) then {image} end";
        var source = $"(select v.*, {at} as old_at, {node} as old_node, {isOwn} as is_own, {isKnown} as is_known, {oldImage} as old_image "
            + $"from {Source} join {Target.Table.Quoted} t on {KeyJoin} offset 0) v";
        return $"with w as ({write(source)} returning v.ord, v.old_at, v.old_node, v.is_own, v.is_known, v.old_image"
            + $"{(isDelete ? "" : $", case when v.old_image is not null then {image} end as new_image")}), "
            + $"n as (select w.*, {Shape.Relation.KeyOf("w.old_image")} as key from w where w.old_image is not null), "
            + $"l as materialized ({IsLarge}) "
            + $"insert into trktr.journal (schema_name, table_name, key, operation, old_row, old_at, old_node, old_partial, peer{(isDelete ? "" : ", new_row, new_partial")}) "
            + $"select {schema}, {name}, n.key, '{(isDelete ? 'D' : 'U')}', case when not n.is_own then n.old_image end, n.old_at, case when not n.is_own then n.old_node end, "
            + $"not n.is_own and n.old_node <> {self} and (select l.is_large from l), {peer}"
            + (isDelete ? "" : $", n.new_image, case when (select l.is_large from l) then trktr.keeps_large({Relation}, n.old_image, n.new_image) else false end")
            + $" from n where (n.is_own or not n.is_known or {isContested} and r.key = n.key)) and set_config('trktr.quiet', '', false) = '' order by n.ord";
    }

    private string Relation => $"{Quote.Literal(Target.Table.Quoted)}::regclass";

    /// <summary>A value that the peer did not send is filled in from the row that is here, whatever size it has: only a table without any large value is safe.</summary>
    private string IsLarge => Target.Kind == 'p'
        ? $"select exists (select from pg_partition_tree({Relation}) p join pg_class c on c.oid = p.relid where pg_relation_size(nullif(c.reltoastrelid, 0)) > 0) as is_large"
        : $"select coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)) > 0, false) as is_large from pg_class c where c.oid = {Relation}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
