namespace Traktor.Web.Contracts.Conflicts;

/// <summary>What a message of the live feed is.</summary>
public enum FeedKind
{
    /// <summary>
    /// The newest conflicts of the node and the pending ones. It replaces everything that was sent of this node before.
    /// </summary>
    Snapshot,

    /// <summary>
    /// Conflicts that are new or have changed, each as it is now; none when only the node's arbiter answers again.
    /// </summary>
    Changes,

    /// <summary>The node's arbiter does not answer: what was sent of it is as of the last contact.</summary>
    Unreachable,

    /// <summary>The node has left the mesh.</summary>
    Removed,
}
