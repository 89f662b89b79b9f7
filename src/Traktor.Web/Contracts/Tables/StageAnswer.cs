using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;

namespace Traktor.Web.Contracts.Tables;

/// <summary>What staging did.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Changed">Whether this call changed something.</param>
/// <param name="Status">The state of the table; null when it is not in the replicaset.</param>
public sealed record StageAnswer(string Relation, bool Changed, TableState? Status)
{
    /// <summary>
    /// The answer for the table of the call: found in the replicaset by the name as written, else folded to lower case
    /// as in SQL.
    /// </summary>
    public static StageAnswer Of(string named, bool changed, IReadOnlyList<ReplicasetTable> replicaset)
    {
        var name = TableName.Parse(named);
        var found =
            replicaset.FirstOrDefault(t => t.Relation == name.ToString())
            ?? replicaset.FirstOrDefault(t => t.Relation == name.Folded().ToString());
        return new StageAnswer(found?.Relation ?? name.ToString(), changed, found?.Status);
    }
}
