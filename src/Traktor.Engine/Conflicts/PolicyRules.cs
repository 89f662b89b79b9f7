namespace Traktor.Engine.Conflicts;

/// <summary>
/// Decides a conflict; a pure function, the same for every node that is given the same versions.
/// <list type="table">
/// <listheader><term>conflict</term><description>what each policy makes of it</description></listheader>
/// <item><term>insert_exists, update_exists, multiple_unique_conflicts</term><description> last_update_wins: the
/// greater stamp; first_update_wins: the smaller stamp; node_priority: the better priority, then the greater stamp;
/// keep_local: the rows that are here; apply_remote: the remote row; manual: waits. Where the remote row wins,
/// <em>all</em> local rows in its way lose. Where it loses it is left out; under a policy that all nodes decide alike
/// the row that an update was to change goes too.
/// </description></item>
/// <item><term>update_origin_differs</term><description> last_update_wins and first_update_wins: the greater stamp (a
/// later update in full knowledge of the earlier cannot be told from a concurrent one, so that "first" would refuse
/// ordinary work); node_priority: the better priority, then the greater stamp, with the same reservation; keep_local,
/// apply_remote: as named; manual: waits.
/// </description></item>
/// <item><term>delete_origin_differs</term><description> last_update_wins, first_update_wins, node_priority,
/// apply_remote: the row is deleted, because deletes win over concurrent updates on every node (the node that deleted
/// finds update_missing and leaves it so); keep_local: it stays; manual: waits.
/// </description></item>
/// <item><term>update_missing</term><description> every policy but manual: left out, as the server's own worker would,
/// and recorded with the whole row; manual: waits (apply_remote by hand inserts the row).
/// </description></item>
/// <item><term>delete_missing</term><description>every policy: there is nothing left to delete.</description></item>
/// <item><term>apply_error</term><description>every policy: waits, because no policy mends a
/// table.</description></item>
/// </list>
/// A local version whose stamp is not known, though commit timestamps are kept, is older than all that are known.
/// Without <c>track_commit_timestamp</c> last_update_wins and first_update_wins are replaced by node_priority.
/// </summary>
public static class PolicyRules
{
    /// <summary>Why a delete, or a change of the key, is applied over a version that its node did not know.</summary>
    public const string TakesRowAway = "What takes a row away is applied as it comes; a version of the row that is later is brought back.";

    /// <summary>
    /// The policy that can be followed: node_priority in place of those that need stamps when commit timestamps are not
    /// kept.
    /// </summary>
    public static Policy Effective(Policy policy, bool tracksCommits) =>
        !tracksCommits && policy is (Policy.LastUpdateWins or Policy.FirstUpdateWins) ? Policy.NodePriority : policy;

    /// <summary>Decides.</summary>
    public static Ruling Decide(Contest contest)
    {
        var policy = Effective(contest.Policy, contest.TracksCommits);
        var (outcome, reason) = contest.Type switch
        {
            ConflictType.ApplyError => (
                Outcome.DecisionNeeded,
                "The change cannot be applied to the table as it is; that is no conflict of rows, and the table has to be mended."
            ),
            ConflictType.DeleteMissing => (Outcome.KeepLocal, "The row was gone already; there is nothing to delete."),
            _ => policy switch
            {
                Policy.Manual => (Outcome.DecisionNeeded, "Policy manual: somebody has to decide."),
                _ when contest.Type == ConflictType.UpdateMissing => (
                    Outcome.KeepLocal,
                    "The row is not here (deleted, or never arrived), and an update does not bring it back."
                ),
                Policy.KeepLocal => (Outcome.KeepLocal, "Policy keep_local: what is here stays."),
                Policy.ApplyRemote => (Outcome.ApplyRemote, "Policy apply_remote: what arrives is taken."),
                _ when contest.Type == ConflictType.DeleteOriginDiffers => (Outcome.ApplyRemote, TakesRowAway),
                _ => ByOrder(contest, policy),
            },
        };
        return new Ruling(
            outcome,
            policy,
            policy == contest.Policy
                ? reason
                : $"{reason} ({ConflictWords.Of(contest.Policy)} cannot be followed without track_commit_timestamp.)"
        );
    }

    /// <summary>The one of several local versions that is hardest to win over; null when none of them has a stamp.</summary>
    public static Stamp? Strongest(IEnumerable<Stamp?> versions, Contest contest)
    {
        var known = versions.OfType<Stamp>().ToList();
        return known.Count == 0
            ? null
            : known.Aggregate(
                (left, right) => Compare(Effective(contest.Policy, contest.TracksCommits), contest, left, right) >= 0 ? left : right
            );
    }

    private static (Outcome Outcome, string Reason) ByOrder(Contest contest, Policy policy)
    {
        if (policy == Policy.NodePriority)
            return ByPriority(contest);
        var isFirst = policy == Policy.FirstUpdateWins && contest.Type != ConflictType.UpdateOriginDiffers;
        if (contest.Local is not { } local)
            return isFirst
                ? (Outcome.KeepLocal, "The local version is older than the server's memory of commits, and the first one wins.")
                : (Outcome.ApplyRemote, "The local version is older than the server's memory of commits, and the last one wins.");
        return Compare(policy, contest, contest.Remote, local) > 0
            ? (Outcome.ApplyRemote, $"{contest.Remote} is {(isFirst ? "before" : "after")} {local}.")
            : (Outcome.KeepLocal, $"{local} is {(isFirst ? "before" : "after")} {contest.Remote}.");
    }

    private static (Outcome Outcome, string Reason) ByPriority(Contest contest)
    {
        var local = contest.Local ?? new Stamp(DateTimeOffset.MinValue, contest.ThisNode);
        var (winner, loser, outcome) =
            contest.Priorities.Compare(contest.Remote, local) > 0
                ? (contest.Remote, local, Outcome.ApplyRemote)
                : (local, contest.Remote, Outcome.KeepLocal);
        return contest.Priorities.RankOf(winner.Node) == contest.Priorities.RankOf(loser.Node)
            ? (outcome, $"Both are of priority {contest.Priorities.RankOf(winner.Node)}, and {winner} is the later.")
            : (outcome, $"{contest.Priorities.Name(winner.Node)} goes before {contest.Priorities.Name(loser.Node)}.");
    }

    /// <summary>Positive when <paramref name="left"/> wins over <paramref name="right"/>.</summary>
    private static int Compare(Policy policy, Contest contest, Stamp left, Stamp right) =>
        policy switch
        {
            Policy.NodePriority => contest.Priorities.Compare(left, right),
            Policy.FirstUpdateWins when contest.Type != ConflictType.UpdateOriginDiffers => right.CompareTo(left),
            _ => left.CompareTo(right),
        };
}
