using System.Globalization;
using Traktor.Engine.Healing.Rows;
using Traktor.Engine.Healing.Statements;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing.Exclusions;

/// <summary>
/// Notes in <c>trktr.overwrite_log</c> that a row is not here because another one excluded it. Nobody hits it then: a change
/// of it that arrives later meets no row and is dropped, and its writer need never hear why. So everybody is told of
/// its absence, under no greater stamp than the row's own: whoever has it, or a later version, answers with that, and
/// it is brought back or decided against what is in its way.
/// </summary>
/// <param name="Relation">The table.</param>
/// <param name="Terms">The heal's terms.</param>
internal sealed record ExclusionNotes(MappedRelation Relation, ApplyTerms Terms)
{
    /// <summary>Tells the table's triggers that the rows that go are noted, and with an empty value that others are not.</summary>
    public string Announce(bool isNoted) => $"select {OverwriteLog.Announce(isNoted ? Table : null)}";

    /// <summary>Notes a row that is to go by its place, <c>$1</c> (int8) and <c>$2</c> (text), under its own stamp.</summary>
    public string NoteAtPlace()
    {
        var stamp = new Contention(Terms, Terms.PolicyOf(Relation.Target), "").StampOf("t");
        return $"{Insert}, new_at, new_node) {Select}, coalesce(k.at, 'epoch'), k.node "
            + $"from (select {Terms.ImageOf(Relation.Target, "t")} as image, {stamp.At} as at, "
            + $"coalesce({Terms.NodeOf(stamp.Origin)}, {Number(Terms.Node)}) as node "
            + $"from {Table.Quoted} t where t.tableoid = $1::oid and t.ctid = $2::tid) k {LogNotEmpty}";
    }

    /// <summary>Notes a row that was not let in, by its key, <c>$1</c> and so on; its stamp is the transaction's.</summary>
    public string NoteKeptOut()
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
        return $"{Insert}) {Select} from (select {Terms.ImageOf(Relation.Target, "v")} as image from (select {columns}) v) k {LogNotEmpty}";
    }

    private TableName Table => Relation.Target.Table;

    private static string Insert => "insert into trktr.overwrite_log (schema_name, table_name, key, operation, peer";

    private string Select =>
        $"select {Quote.Literal(Table.Schema)}, {Quote.Literal(Table.Name)}, {Relation.KeyOf("k.image")}, 'D', {Number(Terms.Inbound)}";

    /// <summary>The overwrite log holds what this stream has logged.</summary>
    private static string LogNotEmpty => $"where set_config('{SessionSettings.OverwriteLogEmpty}', '', false) = ''";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
