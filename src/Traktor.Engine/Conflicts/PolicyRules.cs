namespace Traktor.Engine.Conflicts;

/// <summary>
/// Decides a conflict. A pure function: every node that has the same versions decides the same.
/// <list type="table">
/// <listheader><term>conflict</term><description>what each policy decides</description></listheader>
/// <item><term>insert_exists, update_exists, multiple_unique_conflicts</term><description> last_update_wins: the
/// greater stamp; first_update_wins: the smaller stamp; node_priority: the better priority, then the greater stamp;
/// keep_local: the local rows; apply_remote: the remote row; manual: waits. If the remote row wins, <em>all</em> rows
/// that block it lose. If it loses it is not applied; under a policy that decides the same on all nodes, the row that
/// an update was to change is deleted too.
/// </description></item>
/// <item><term>update_origin_differs</term><description> last_update_wins and first_update_wins: the greater stamp (a
/// later update whose writer had seen the earlier one looks like a concurrent one, so that "first" would refuse
/// ordinary updates); node_priority: the better priority, then the greater stamp, with the same caveat; keep_local,
/// apply_remote: as named; manual: waits.
/// </description></item>
/// <item><term>delete_origin_differs</term><description> last_update_wins, first_update_wins, node_priority,
/// apply_remote: the row is deleted, because deletes win over concurrent updates on every node (the node that deleted
/// it detects update_missing and does not restore it); keep_local: the row stays; manual: waits.
/// </description></item>
/// <item><term>update_missing</term><description> every policy but manual: not applied, as by the apply worker, and
/// recorded with the whole row; manual: waits (deciding apply_remote inserts the row).
/// </description></item>
/// <item><term>delete_missing</term><description>every policy: there is nothing to delete.</description></item>
/// <item><term>apply_error</term><description>every policy: waits, because no policy can fix a
/// table.</description></item>
/// </list>
/// A local version without a stamp, though commit timestamps are kept, is older than all versions with one. One whose
/// stamp a rewrite of the table has erased (<see cref="Stamp.IsKnown"/>) loses under every policy that has an order:
/// its node sent it with its stamp, and convergence decides by that.
/// Without <c>track_commit_timestamp</c> last_update_wins and first_update_wins are replaced by node_priority.
/// </summary>
public static class PolicyRules
{
    /// <summary>Why a delete, or a change of the key, is applied over a version that its node had not seen.</summary>
    public const string TakesRowAway =
        "A delete or a change of the key is applied as it arrives; a later version of the row is restored afterwards.";

    /// <summary>Why an update of a missing row is not applied.</summary>
    public const string RowIsMissing = "The row is not on this node (deleted, or never received), and an update does not restore it.";

    /// <summary>Why a delete of a missing row is not applied.</summary>
    public const string NothingToDelete = "The row was already deleted; there is nothing to delete.";

    /// <summary>Whether a conflict waits for a decision, whatever the versions are.</summary>
    public static bool NeedsDecision(Policy policy, ConflictType type) =>
        type == ConflictType.ApplyError || (policy == Policy.Manual && type != ConflictType.DeleteMissing);

    /// <summary>
    /// The policy that applies: without commit timestamps, node_priority in place of the policies that need them.
    /// </summary>
    public static Policy Effective(Policy policy, bool tracksCommits) =>
        !tracksCommits && policy is (Policy.LastUpdateWins or Policy.FirstUpdateWins) ? Policy.NodePriority : policy;

    /// <summary>Decides a conflict as an operator did; by the policy where there is no decision.</summary>
    public static Ruling Decide(Contest contest, Resolution? decision) =>
        decision switch
        {
            Resolution.ApplyRemote => new Ruling(Outcome.ApplyRemote, contest.Policy, ByHand),
            // Without a local row there is none to merge into: the remote one is inserted first.
            Resolution.Merge when contest.Type == ConflictType.UpdateMissing => new Ruling(Outcome.ApplyRemote, contest.Policy, ByHand),
            Resolution.KeepLocal or Resolution.Merge => new Ruling(Outcome.KeepLocal, contest.Policy, ByHand),
            Resolution.Newest => Decide(contest with { Policy = Policy.LastUpdateWins }),
            _ => Decide(contest),
        };

    /// <summary>Decides a conflict.</summary>
    public static Ruling Decide(Contest contest)
    {
        var policy = Effective(contest.Policy, contest.TracksCommits);
        var (outcome, reason) = contest.Type switch
        {
            ConflictType.ApplyError => (
                Outcome.DecisionNeeded,
                "The change cannot be applied to the table as it is. This is not a row conflict: the table must be fixed."
            ),
            _ when NeedsDecision(policy, contest.Type) => (Outcome.DecisionNeeded, "Policy manual: a decision is needed."),
            ConflictType.DeleteMissing => (Outcome.KeepLocal, NothingToDelete),
            ConflictType.UpdateMissing => (Outcome.KeepLocal, RowIsMissing),
            _ => policy switch
            {
                Policy.KeepLocal => (Outcome.KeepLocal, "Policy keep_local: the local version stays."),
                Policy.ApplyRemote => (Outcome.ApplyRemote, "Policy apply_remote: the remote version is applied."),
                _ when contest.Type == ConflictType.DeleteOriginDiffers => (Outcome.ApplyRemote, TakesRowAway),
                _ => ByOrder(contest, policy),
            },
        };
        return new Ruling(
            outcome,
            policy,
            policy == contest.Policy ? reason : $"{reason} ({ConflictWords.Of(contest.Policy)} needs track_commit_timestamp = on.)"
        );
    }

    /// <summary>The strongest of several local versions; null when none of them has a stamp.</summary>
    public static Stamp? Strongest(IEnumerable<Stamp?> versions, Contest contest)
    {
        var known = versions.OfType<Stamp>().ToList();
        return known.Count == 0
            ? null
            : known.Aggregate(
                (left, right) => Compare(Effective(contest.Policy, contest.TracksCommits), contest, left, right) >= 0 ? left : right
            );
    }

    private const string ByHand = "Decided by hand.";

    private static (Outcome Outcome, string Reason) ByOrder(Contest contest, Policy policy)
    {
        if (contest.Local is { IsKnown: false })
            return (Outcome.ApplyRemote, "The table was rewritten here, so when the local version was written is not known.");
        if (policy == Policy.NodePriority)
            return ByPriority(contest);
        var isFirst = policy == Policy.FirstUpdateWins && contest.Type != ConflictType.UpdateOriginDiffers;
        if (contest.Local is not { } local)
            return isFirst
                ? (
                    Outcome.KeepLocal,
                    "The server no longer has the local version's commit timestamp, so it is the earlier one, which wins."
                )
                : (
                    Outcome.ApplyRemote,
                    "The server no longer has the local version's commit timestamp, so the remote version is the later one."
                );
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
            ? (outcome, $"Both have priority {contest.Priorities.RankOf(winner.Node)}, and {winner} is later.")
            : (outcome, $"{contest.Priorities.Name(winner.Node)} has priority over {contest.Priorities.Name(loser.Node)}.");
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
