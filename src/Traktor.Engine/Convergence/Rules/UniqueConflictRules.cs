using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>
/// Decides between two rows of different keys that a unique key or an exclusion constraint does not let stand beside
/// one another, as the healer does where one of them arrives (<see cref="PolicyRules"/>): one of them goes. Its
/// deletion is a version like any other, made of nothing but the two, so that whoever meets both decides the same, and
/// is told to everybody.
/// </summary>
public static class UniqueConflictRules
{
    /// <summary>Whether a version that is to be written goes before the row in its way.</summary>
    /// <param name="version">The version.</param>
    /// <param name="blocking">The row.</param>
    /// <param name="policy">The table's policy.</param>
    /// <param name="self">This node.</param>
    /// <param name="priorities">The nodes' priorities.</param>
    public static bool GoesBefore(RowVersion version, RowVersion blocking, Policy policy, int self, NodePriorities priorities) =>
        PolicyRules.Decide(new Contest(policy, ConflictType.UpdateExists, blocking.Stamp, version.Stamp, self, priorities)).Outcome
        == Outcome.ApplyRemote;

    /// <summary>
    /// The deletion of the one that loses: under the winner's stamp, or a moment after its own where that one is the
    /// later.
    /// </summary>
    public static RowVersion Deletion(RowVersion loser, RowVersion winner) =>
        new(winner.Stamp > loser.Stamp ? winner.Stamp : new Stamp(loser.Stamp.Committed.AddMicroseconds(1), winner.Stamp.Node), null);
}
