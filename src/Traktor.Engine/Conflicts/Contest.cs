namespace Traktor.Engine.Conflicts;

/// <summary>
/// All that a decision depends on: a remote change, and the local version that it meets as the locked row shows it.
/// </summary>
/// <param name="Policy">The table's policy.</param>
/// <param name="Type">What happened.</param>
/// <param name="Local"> Stamp of the local version; null when there is none (a missing row), or when the server does
/// not know it any more. Of several rows in the way the strongest one, see <see cref="PolicyRules.Strongest"/>: the
/// remote change has to win over all of them.
/// </param>
/// <param name="Remote">Stamp of the remote change: the remote transaction's commit timestamp and the peer's
/// NodeID.</param>
/// <param name="ThisNode">NodeID of the deciding node; a local version whose stamp is lost counts as written
/// here.</param>
/// <param name="Priorities">The nodes' priorities.</param>
public sealed record Contest(Policy Policy, ConflictType Type, Stamp? Local, Stamp Remote, int ThisNode, NodePriorities Priorities)
{
    /// <summary>
    /// Whether <c>track_commit_timestamp</c> is on here. Without it no local version has a stamp: <see cref="Policy.LastUpdateWins"/> and
    /// <see cref="Policy.FirstUpdateWins"/> cannot be followed, and <see cref="Policy.NodePriority"/> is.
    /// </summary>
    public bool TracksCommits { get; init; } = true;
}
