using System.Globalization;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Exclusions;

/// <summary>
/// Statements about the rows that block a remote row through a unique key or an exclusion constraint, including partial
/// and expression indexes.
/// </summary>
internal sealed class ExclusionStatements
{
    private readonly MappedRelation relation;
    private readonly RowShape shape;
    private readonly ApplyTerms terms;
    private readonly string lsn;
    private readonly string at;

    public ExclusionStatements(RowShape shape, ApplyTerms terms)
    {
        (this.shape, this.terms, relation) = (shape, terms, shape.Relation);
        var values = shape.Present.Count + (shape.HasOldKey ? relation.Key.Count : 0);
        (lsn, at) = ($"${values + 2}::pg_lsn", $"${values + 3}::timestamptz");
    }

    /// <summary>The columns of <see cref="ReadBlockingRows"/>.</summary>
    public const string BlockingRowColumns =
        "name text, is_identity boolean, place bigint, tid text, image text, at timestamptz, node integer, is_own boolean, "
        + "remote text, lsn pg_lsn, ordinal integer";

    /// <summary>
    /// Locks and reads the blocking rows: index name, whether it is the identity index, the row's place, its image, its
    /// stamp and origin node, whether this transaction wrote it itself, and the remote row's image. A row that blocks
    /// through several indexes is returned once for each. Parameters as in <see cref="RowRun.Bind"/>.
    /// </summary>
    public string ReadBlockingRows()
    {
        var target = relation.Target;
        var keys = string.Join(", ", target.Identity!.Parts.Select((part, i) => $"{part.Expression} as key{i}"));
        var branches = target.Uniques.Select(unique =>
            $"select {Quote.Literal(unique.Name)}::text as name, {(unique.IsIdentity ? "true" : "false")} as is_identity, "
            + $"{string.Join(", ", target.Identity.Parts.Select((_, i) => $"o.key{i}"))} "
            + $"from (select tableoid as place, ctid as tid, {keys}, {unique.Expressions} from "
            + $"{unique.Partition ?? target.Table.Quoted}{unique.Where}) o, "
            + $"(select own_place, own_tid, {unique.Expressions} from {NewRow()} new_row{unique.Where}) n "
            + $"where {unique.Matches} and (o.place, o.tid) is distinct from (n.own_place, n.own_tid)"
        );
        var join = string.Join(" and ", target.Identity.Parts.Select((part, i) => $"t.{part.Expression} {part.Operator} b.key{i}"));
        var contention = new Contention(terms, terms.PolicyOf(target), at);
        // Read in the select list, so that it is the locked row's stamp; see Contention.StampItem.
        var stamp = contention.StampOf("t");
        var names = new RowNames(shape, IsDecided: false);
        var remote = new ConflictRecord(
            names,
            terms,
            contention,
            name => $"{names.Parameter(name)}::{names.Values.First(value => value.Name == name).Type}"
        ).RemoteRow;
        return $"select b.name, b.is_identity, t.tableoid::int8, t.ctid::text, {target.RecordOf("t")}::text, {stamp.At}, "
            + $"{terms.NodeOf(stamp.Origin)}, {Contention.IsOwn("t", stamp.At)}, ({remote})::text, {lsn}, ${OrdinalAt} "
            + $"from ({string.Join(" union all ", branches)}) b join {target.Table.Quoted} t on {join} for update of t";
    }

    /// <summary>
    /// Deletes a row at its place, <c>$1</c> (int8) and <c>$2</c> (text). The row is locked, so its place does not
    /// change.
    /// </summary>
    public string DeleteAtPlace() =>
        Counted($"delete from {relation.Target.Table.Quoted} t where t.tableoid = $1::oid and t.ctid = $2::tid");

    /// <summary>
    /// Deletes the row that a losing update would have changed, unless another node changed it later.
    /// </summary>
    public string DeleteOldVersion()
    {
        var contention = new Contention(terms, terms.PolicyOf(relation.Target), at);
        var join = string.Join(
            " and ",
            relation.Target.Identity!.Parts.Select((part, i) => $"t.{part.Expression} {part.Operator} {KeyParameter(i)}")
        );
        return Counted(
            $"delete from {relation.Target.Table.Quoted} t where {join} and not {contention.IsNewerElsewhere(contention.StampOf("t"))} "
                + $"and (${OrdinalAt}, {lsn}, "
                + $"{string.Join(", ", shape.Present.Select((column, i) => $"${i + 1}::{relation.Columns[column].Type}"))}) is not "
                + $"null is not null"
        );
    }

    /// <summary>The columns of <see cref="DeleteAtPlace"/> and <see cref="DeleteOldVersion"/>.</summary>
    public const string DeletedColumns = "deleted bigint";

    private static string Counted(string delete) => $"with w as ({delete} returning 1) select count(*) from w";

    /// <summary>What is recorded of the deleted rows, a value of <see cref="SessionSettings.HealerRecords"/>.</summary>
    public string Healing => new Contention(terms, terms.PolicyOf(relation.Target), at).HealingOfExclusion;

    private string OrdinalAt =>
        (shape.Present.Count + (shape.HasOldKey ? relation.Key.Count : 0) + 1).ToString(CultureInfo.InvariantCulture);

    private string KeyParameter(int part)
    {
        var column = relation.Key[part];
        var position = shape.HasOldKey ? shape.Present.Count + part : shape.Present.TakeWhile(present => present != column).Count();
        return string.Create(CultureInfo.InvariantCulture, $"${position + 1}::{relation.Columns[column].Type}");
    }

    /// <summary>
    /// The remote row with all columns of the local table. Columns that were not sent have the current row's value, or
    /// null for a new row; generated ones are computed.
    /// </summary>
    private string NewRow()
    {
        var isUpdate = shape.Kind == ChangeKind.Update;
        var sent = shape
            .Present.Select((column, i) => (relation.Columns[column], i))
            .ToDictionary(pair => pair.Item1.Name, pair => pair.i, StringComparer.Ordinal);
        var columns = relation
            .Target.Columns.Where(column => !column.IsGenerated)
            .Select(column =>
            {
                var name = Quote.Identifier(column.Name);
                var value =
                    sent.TryGetValue(column.Name, out var i) ? string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{column.Type}")
                    : isUpdate ? $"x.{name}"
                    : $"null::{column.Type}";
                return $"{value} as {name}";
            });
        var from = "";
        if (isUpdate)
        {
            var join = string.Join(
                " and ",
                relation.Target.Identity!.Parts.Select((part, i) => $"x.{part.Expression} {part.Operator} {KeyParameter(i)}")
            );
            from = $" from {relation.Target.Table.Quoted} x where {join}";
        }

        return relation.Target.WithGenerated(
            $"(select {string.Join(", ", columns)}, {(isUpdate ? "x.tableoid" : "null::oid")} as own_place, "
                + $"{(isUpdate ? "x.ctid" : "null::tid")} as own_tid{from})"
        );
    }
}
