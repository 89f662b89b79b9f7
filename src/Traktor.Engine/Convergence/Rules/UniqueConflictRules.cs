using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// Decides between two rows of different keys that a unique key or an exclusion constraint does not allow together, as
/// the healer does when one of them arrives (<see cref="PolicyRules"/>): one is deleted. Its deletion is a version like
/// any other. It depends only on the two rows, so that every node decides the same, and it is announced to every node.
/// </summary>
public static class UniqueConflictRules
{
    /// <summary>Whether a version that is to be written wins over its blocking row.</summary>
    /// <param name="version">The version.</param>
    /// <param name="blocking">The blocking row.</param>
    /// <param name="policy">The table's policy.</param>
    /// <param name="self">This node.</param>
    /// <param name="priorities">The nodes' priorities.</param>
    public static bool WinsOver(RowVersion version, RowVersion blocking, Policy policy, int self, NodePriorities priorities) =>
        PolicyRules.Decide(new Contest(policy, ConflictType.UpdateExists, blocking.Stamp, version.Stamp, self, priorities)).Outcome
        == Outcome.ApplyRemote;

    /// <summary>
    /// The deletion of the losing row: under the winner's stamp, or one microsecond after the loser's own where that is
    /// later.
    /// </summary>
    public static RowVersion Deletion(RowVersion loser, RowVersion winner) =>
        new(winner.Stamp > loser.Stamp ? winner.Stamp : new Stamp(loser.Stamp.Committed.AddMicroseconds(1), winner.Stamp.Node), null);
}
