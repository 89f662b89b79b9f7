namespace Traktor.Engine.Conflicts;

/// <summary>Everything a decision depends on: a remote change, and the local version in the locked row.</summary>
/// <param name="Policy">The table's policy.</param>
/// <param name="Type">The conflict type.</param>
/// <param name="Local">Stamp of the local version; null when the row is missing, or when the server no longer has the
/// timestamp. With several blocking rows the strongest one, see <see cref="PolicyRules.Strongest"/>, because the remote
/// change must win over all of them.</param>
/// <param name="Remote">Stamp of the remote change: the remote transaction's commit timestamp and the peer's
/// NodeID.</param>
/// <param name="ThisNode">NodeID of the deciding node. A local version without a stamp counts as written on it.</param>
/// <param name="Priorities">The nodes' priorities.</param>
public sealed record Contest(Policy Policy, ConflictType Type, Stamp? Local, Stamp Remote, int ThisNode, NodePriorities Priorities)
{
    /// <summary>
    /// Whether <c>track_commit_timestamp</c> is on. Without it no local version has a stamp, and
    /// <see cref="Policy.NodePriority"/> replaces <see cref="Policy.LastUpdateWins"/> and
    /// <see cref="Policy.FirstUpdateWins"/>.
    /// </summary>
    public bool TracksCommits { get; init; } = true;
}
