namespace Traktor.Web.Live.Feed;

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
    Silent,

    /// <summary>The node has left the mesh.</summary>
    Gone,
}

/// <summary>One message of the live feed, about one node.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Node">The node.</param>
/// <param name="Conflicts">The conflicts, the least recently changed first.</param>
/// <param name="Position">Where to go on from on this node; null when its arbiter was never heard.</param>
/// <param name="Gap">Whether conflicts may lie between what this reader had of the node and this snapshot: the list has them.</param>
/// <param name="LastContactAt">When the node's arbiter was heard last; null when never.</param>
/// <param name="Problem">Why it does not answer now; null when it does.</param>
public sealed record FeedMessage(
    FeedKind Kind,
    int Node,
    IReadOnlyList<FeedEntry> Conflicts,
    string? Position,
    bool Gap,
    DateTimeOffset? LastContactAt,
    string? Problem
);

/// <summary>What a listener asks for.</summary>
/// <param name="Node">Only this node; null for the whole mesh.</param>
/// <param name="Positions">The last position that was seen of each node, by NodeID, to go on from; null, or without a
/// node, for a snapshot.</param>
public sealed record FeedRequest(int? Node, IReadOnlyDictionary<int, string>? Positions);
