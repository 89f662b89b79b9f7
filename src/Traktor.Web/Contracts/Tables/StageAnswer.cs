using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;

namespace Traktor.Web.Contracts.Tables;

/// <summary>What staging did.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Changed">Whether anything is staged that was not before.</param>
/// <param name="Status">Where the table stands now; null when it is not in the replicaset (any more).</param>
public sealed record StageAnswer(string Relation, bool Changed, TableState? Status)
{
    /// <summary>
    /// The answer for the table that the call named: found in the replicaset as written, else folded to lower case as
    /// SQL would.
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
