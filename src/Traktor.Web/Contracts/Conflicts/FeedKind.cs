namespace Traktor.Web.Contracts.Conflicts;

/// <summary>What a message of the live feed is.</summary>
public enum FeedKind
{
    /// <summary>
    /// What is known of the node: its newest conflicts and those that wait. It takes the place of whatever was told of
    /// this node before.
    /// </summary>
    Snapshot,

    /// <summary>Conflicts that are new or have changed, each as it is now; none when only the node's arbiter was heard again.</summary>
    Changes,

    /// <summary>The node's arbiter does not answer: what was told of it is of the time it was heard last.</summary>
    Unreachable,

    /// <summary>The node has left the mesh.</summary>
    Removed,
}
