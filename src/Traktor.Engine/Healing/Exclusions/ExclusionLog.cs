using System.Globalization;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Exclusions;

/// <summary>
/// Logs in <c>trktr.overwrite_log</c> that a row is not on this node because another row excluded it. Nothing can
/// overwrite it then: a later change of it finds no row and is dropped, and the node that made the change would not
/// learn why. Therefore this node announces that the row is missing, under a stamp no greater than the row's own. A
/// node that has the row, or a later version, answers with it; the row is then restored, or decided against its
/// blocking row.
/// </summary>
/// <param name="Relation">The table.</param>
/// <param name="Terms">The heal's terms.</param>
internal sealed record ExclusionLog(MappedRelation Relation, ApplyTerms Terms)
{
    /// <summary>
    /// Tells the table's triggers that this statement logs the deleted rows, or, with an empty value, that it does not.
    /// </summary>
    public string SetLoggedTable(bool isLogged) => $"select {OverwriteLog.SetLoggedTable(isLogged ? Table : null)}";

    /// <summary>
    /// Logs a row that is to be deleted at its place, <c>$1</c> (int8) and <c>$2</c> (text), under its own stamp.
    /// </summary>
    public async ValueTask<string> LogAtPlaceAsync(OwnerSession owners, CancellationToken cancel)
    {
        var stamp = new Contention(Terms, Terms.PolicyOf(Relation.Target), "").StampOf("t");
        var row = await owners.FromItemAsync(
            Relation.Target.OtherOwner,
            $"select {Terms.ImageOf(Relation.Target, "t")} as image, {stamp.At} as at, "
                + $"coalesce({Terms.NodeOf(stamp.Origin)}, {Number(Terms.Node)}) as node "
                + $"from {Table.Quoted} t where t.tableoid = $1::oid and t.ctid = $2::tid",
            ["bigint", "text"],
            "image json, at timestamptz, node integer",
            cancel
        );
        return $"{Insert}, new_at, new_node) {Select}, coalesce(k.at, 'epoch'), k.node from {row} k {LogNotEmpty}";
    }

    /// <summary>
    /// Logs a row that was not inserted, by its key, <c>$1</c> and following; its stamp is the transaction's.
    /// </summary>
    public async ValueTask<string> LogKeptOutAsync(OwnerSession owners, CancellationToken cancel)
    {
        var columns = string.Join(
            ", ",
            Relation.Key.Select(
                (column, i) =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"${i + 1}::{Relation.Columns[column].Type} as {Quote.Identifier(Relation.Columns[column].Name)}"
                    )
            )
        );
        var key = await owners.FromItemAsync(
            Relation.Target.OtherOwner,
            $"select {Terms.ImageOf(Relation.Target, "v")} as image from (select {columns}) v",
            [.. Relation.Key.Select(_ => "text")],
            "image json",
            cancel
        );
        return $"{Insert}) {Select} from {key} k {LogNotEmpty}";
    }

    /// <summary>Its name.</summary>
    public TableName Table => Relation.Target.Table;

    private static string Insert => "insert into trktr.overwrite_log (schema_name, table_name, key, operation, peer";

    private string Select =>
        $"select {Quote.Literal(Table.Schema)}, {Quote.Literal(Table.Name)}, {Relation.KeyOf("k.image")}, 'D', {Number(Terms.Inbound)}";

    /// <summary>Marks the overwrite log as not empty.</summary>
    private static string LogNotEmpty => $"where set_config('{SessionSettings.OverwriteLogEmpty}', '', false) = ''";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
