namespace Traktor.Engine.Conflicts;

/// <summary>
/// How a table's conflicts are decided. Stored in <c>trktr.replicaset</c>; it should be the same on every node.
/// <see cref="PolicyRules"/> has the full table.
/// </summary>
public enum Policy
{
    /// <summary>The version with the greater <see cref="Stamp"/> wins. The default; converges.</summary>
    LastUpdateWins,

    /// <summary>
    /// Of two rows with the same key the version with the smaller stamp wins; updates are decided as by
    /// <see cref="LastUpdateWins"/>.
    /// </summary>
    FirstUpdateWins,

    /// <summary>
    /// The version of the node with the better priority wins; with equal priority the greater stamp. Converges if
    /// neither writer had seen the other's version.
    /// </summary>
    NodePriority,

    /// <summary>Each node keeps its own version. Nodes diverge.</summary>
    KeepLocal,

    /// <summary>Each node applies the remote version. Nodes diverge.</summary>
    ApplyRemote,

    /// <summary>The transaction waits until each of its conflicts is decided.</summary>
    Manual,
}
