using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Live.Mesh;

/// <summary>What is known of a node, and when it last answered.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsSelf">Whether it is the node of this arbiter.</param>
/// <param name="Url">URL of its arbiter; null when it is not known.</param>
/// <param name="Status">The last status that its arbiter reported; null when it has not answered.</param>
/// <param name="Subscriptions">Its subscriptions, as last reported.</param>
/// <param name="Tables">Its replicaset, as last reported.</param>
/// <param name="LastContactAt">When its arbiter last answered; null when it has not.</param>
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
    /// <summary>Whether the data are up to date.</summary>
    public bool IsFresh => Problem is null && Status is not null;
}

/// <summary>The mesh as this arbiter sees it.</summary>
/// <param name="Self">This arbiter's node.</param>
/// <param name="Nodes">All known nodes, ordered by NodeID.</param>
public sealed record MeshView(int Self, IReadOnlyList<NodeSeen> Nodes)
{
    /// <summary>This arbiter's node.</summary>
    public NodeSeen Own => Nodes.First(node => node.IsSelf);

    /// <summary>A node; null when it is not known.</summary>
    public NodeSeen? Find(int node) => Nodes.FirstOrDefault(seen => seen.Node == node);
}
