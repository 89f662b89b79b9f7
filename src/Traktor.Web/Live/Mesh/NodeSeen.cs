using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Live.Mesh;

/// <summary>What is known of a node, and since when.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsSelf">Whether it is the node of this arbiter.</param>
/// <param name="Url">Where its arbiter is; null when it has not told.</param>
/// <param name="Status">The last that its arbiter said; null when it never answered.</param>
/// <param name="Subscriptions">What it receives, as last told.</param>
/// <param name="Tables">Its replicaset, as last told.</param>
/// <param name="LastContactAt">When its arbiter last answered; null when never.</param>
/// <param name="Problem">Why its arbiter does not answer now, in a sentence; null when it does.</param>
public sealed record NodeSeen(
    int Node,
    bool IsSelf,
    Uri? Url,
    NodeStatus? Status = null,
    IReadOnlyList<SubscriptionStatus>? Subscriptions = null,
    IReadOnlyList<ReplicasetTable>? Tables = null,
    DateTimeOffset? LastContactAt = null,
    string? Problem = null
)
{
    /// <summary>Whether what is known of it is of now.</summary>
    public bool IsFresh => Problem is null && Status is not null;
}

/// <summary>The mesh as far as this arbiter can see.</summary>
/// <param name="Self">This arbiter's node.</param>
/// <param name="Nodes">All known nodes, ordered by NodeID.</param>
public sealed record MeshView(int Self, IReadOnlyList<NodeSeen> Nodes)
{
    /// <summary>This arbiter's node.</summary>
    public NodeSeen Own => Nodes.First(node => node.IsSelf);

    /// <summary>A node; null when it is not known.</summary>
    public NodeSeen? Find(int node) => Nodes.FirstOrDefault(seen => seen.Node == node);
}
