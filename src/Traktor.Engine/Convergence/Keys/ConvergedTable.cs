using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Convergence.Keys;

/// <summary>
/// The statements for the rows of one table. Columns are found by name, because their order, and columns that only one
/// node has, may differ between nodes.
/// </summary>
internal sealed class ConvergedTable
{
    private readonly ConcurrentDictionary<string, string> written = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<(TargetColumn Column, string Operator)> key;

    private ConvergedTable(TargetTable target, IReadOnlyList<(TargetColumn Column, string Operator)> key) =>
        (Target, this.key) = (target, key);

    public TargetTable Target { get; }

    /// <summary>Whether its silent conflicts are resolved; otherwise they are only recorded.</summary>
    public bool Converges => Target.Policy is Policy.LastUpdateWins or Policy.FirstUpdateWins or Policy.NodePriority;

    /// <summary>The columns of its key.</summary>
    public IEnumerable<string> KeyColumns => key.Select(part => part.Column.Name);

    /// <summary>The table's statements; null when it has no key.</summary>
    public static ConvergedTable? Of(TargetTable target)
    {
        var key = new List<(TargetColumn, string)>();
        foreach (var part in target.Identity?.Parts ?? [])
        {
            if (
                target.Columns.FirstOrDefault(column => part.Expression == column.Name || part.Expression == Quote.Identifier(column.Name))
                is not { } column
            )
                return null;
            key.Add((column, part.Operator));
        }

        return key.Count == 0 ? null : new ConvergedTable(target, key);
    }

    /// <summary>The columns of <see cref="LockRows"/>.</summary>
    public const string LockedColumns = "n integer, image text, at timestamptz, node integer, is_large boolean";

    /// <summary>The columns of <see cref="FindRows"/>.</summary>
    public const string FoundColumns = "n integer";

    /// <summary>The columns of <see cref="Write"/>.</summary>
    public const string WrittenColumns = "written text";

    /// <summary>The columns of <see cref="ReadBlockingRows"/>.</summary>
    public const string BlockingColumns = "n integer, name text, blocking text";

    /// <summary>
    /// Locks and reads the rows of the keys <c>$1</c> (text[]): the key's position from 1, the image, the stamp, the
    /// origin node (null when unknown), and whether its table holds TOASTed values. The stamp is read in the select
    /// list: after waiting for a lock, a statement sees the new version of the locked row but everything else in FROM
    /// as it was before. Each origin's node is looked up once, not for every row. The session's settings give values
    /// the form of <c>trktr.image</c>.
    /// </summary>
    public string LockRows() =>
        "with o as materialized (select r.roident, trktr.node_of(r.roident) as node from pg_replication_origin r union all "
        + "select 0, trktr.node_of(0)) "
        + $"select w.n::integer, {(Target.HoldsJson ? "trktr.escape_json(row_to_json(t.*))" : "row_to_json(t.*)")}::text, "
        + $"{StampedAt}, (select o.node from o where o.roident = "
        + $"(pg_xact_commit_timestamp_origin(t.xmin)).roident), "
        + "(select coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)) > 0, false) from pg_class c where c.oid = t.tableoid) "
        + $"from unnest($1::text[]) with ordinality as w (key, n) join {Target.Table.Quoted} t on {Match("w.key")} for update of t";

    /// <summary>
    /// Finds the rows of the keys <c>$1</c> (text[]), as positions from 1: all of them, or those that no other session
    /// has locked, which it locks.
    /// </summary>
    public string FindRows(bool isFree) =>
        $"select w.n::integer from unnest($1::text[]) with ordinality as w (key, n) join {Target.Table.Quoted} t on "
        + $"{Match("w.key")}{(isFree ? " for update of t skip locked" : "")}";

    /// <summary>
    /// Writes an image to a row and sets <c>trktr.rows_written</c> to the number of rows written. <c>$1</c>: the key;
    /// <c>$2</c>: the image (null deletes); <c>$3</c>, <c>$4</c>: the stamp that the row must have, null when it must
    /// be missing; <c>$5</c>: this node; <c>$6</c>, <c>$7</c>: replication origins and their nodes (both integer[]).
    /// </summary>
    public string Write(string? image, bool isMissing)
    {
        if (image is null)
            return Counted($"delete from {Target.Table.Quoted} t where {Match("$1")} and {HasStamp()} and $2::text is null returning 1");
        var names = NamesOf(image);
        var columns = Target.Columns.Where(column => !column.IsGenerated && names.Contains(column.Name)).ToList();
        return written.GetOrAdd(
            $"{isMissing} {string.Join(',', columns.Select(column => column.Name))}",
            _ => Counted(isMissing ? Insert(columns) : Update(columns))
        );
    }

    /// <summary>
    /// Finds the rows that block versions through another unique key or an exclusion constraint. <c>$1</c>: the
    /// versions' keys, <c>$2</c>: their images (both text[]). Returns the version's position from 1, the name of the
    /// index, and the blocking row's key. Null when the table has no unique key but its own.
    /// </summary>
    public string? ReadBlockingRows()
    {
        var keys = string.Join(", ", key.Select(part => Quote.Literal(part.Column.Name)));
        // The image of a trigger that ran before the write has no generated values.
        var plain = Target.Columns.Where(column => !column.IsGenerated).Select(column => $"p.{Quote.Identifier(column.Name)}");
        var version = Target.WithGenerated($"(select {string.Join(", ", plain)})");
        var branches = Target
            .Uniques.Where(unique => !unique.IsIdentity)
            .Select(unique =>
                $"select {Quote.Literal(unique.Name)}::text as name, o.blocking "
                + $"from (select trktr.key_of(trktr.image(r.*), array[{keys}]) as blocking, r.tableoid as place, r.ctid as tid, "
                + $"{unique.Expressions} from {unique.Partition ?? Target.Table.Quoted} r{unique.Where}) o, "
                + $"(select {unique.Expressions} from {version} version{unique.Where}) n where {unique.Matches} and (o.place, "
                + $"o.tid) is distinct from (t.tableoid, t.ctid)"
            )
            .ToList();
        return branches.Count == 0
            ? null
            : $"select w.n::integer, b.name, b.blocking from unnest($1::text[], $2::text[]) with ordinality as w (key, image, n) "
                + $"left join {Target.Table.Quoted} t on {Match("w.key")} "
                + $"cross join lateral json_populate_record(t.*, w.image::json) p cross join lateral "
                + $"({string.Join(" union all ", branches)}) b";
    }

    private static HashSet<string> NamesOf(string image)
    {
        using var json = JsonDocument.Parse(image);
        return json.RootElement.EnumerateObject().Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
    }

    private static string Counted(string write) =>
        $"with w as ({write}) select set_config('{SessionSettings.RowsWritten}', count(*)::text, true) from w";

    private string Insert(List<TargetColumn> columns)
    {
        var list = string.Join(", ", columns.Select(column => Quote.Identifier(column.Name)));
        return $"insert into {Target.Table.Quoted} ({list}) overriding system value select {string.Join(", ", columns.Select(Value))} "
            + $"from json_populate_record(null::{Target.Table.Quoted}, $2::json) p where $1::text is not null and $3::timestamptz "
            + $"is null and $4::integer is null and $5::integer is not null and $6::integer[] is not null and $7::integer[] is not null "
            + $"on conflict ({string.Join(", ", key.Select(part => Quote.Identifier(part.Column.Name)))}) do nothing returning 1";
    }

    private string Update(List<TargetColumn> columns)
    {
        var sets = string.Join(
            ", ",
            columns.Where(column => !column.IsAlwaysIdentity).Select(column => $"{Quote.Identifier(column.Name)} = {Value(column)}")
        );
        return $"update {Target.Table.Quoted} t set {sets} from json_populate_record(null::{Target.Table.Quoted}, $2::json) p where "
            + $"{Match("$1")} and {HasStamp()} returning 1";
    }

    /// <summary>A column's value in the row <c>p</c>, which was made from an image.</summary>
    private static string Value(TargetColumn column) =>
        column.HoldsJson
            ? $"trktr.unescape_json(p.{Quote.Identifier(column.Name)}::text)::{column.Type}"
            : $"p.{Quote.Identifier(column.Name)}";

    private string Match(string text) =>
        string.Join(
            " and ",
            key.Select(part =>
                $"t.{Quote.Identifier(part.Column.Name)} {part.Operator} (({text}::jsonb) ->> "
                + $"{Quote.Literal(part.Column.Name)})::{part.Column.Type}"
            )
        );

    /// <summary>
    /// When the row <c>t</c> was committed: <c>trktr.stamped_at</c>, whose first test is made here. Most tables were
    /// never rewritten, and a call costs as much as all the rest of a row's write in a transaction of its own.
    /// </summary>
    private const string StampedAt =
        "case when pg_relation_filenode(t.tableoid) = t.tableoid then pg_xact_commit_timestamp(t.xmin) "
        + "else trktr.stamped_at(t.tableoid, t.xmin) end";

    private static string HasStamp() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(coalesce({StampedAt}, {Stamp.UnknownSql}) = $3::timestamptz and coalesce((select o.node from "
                + $"unnest($6::integer[], $7::integer[]) as o (origin, node) where o.origin::oid = "
                + $"(pg_xact_commit_timestamp_origin(t.xmin)).roident), $5::integer) = $4::integer)"
        );
}
