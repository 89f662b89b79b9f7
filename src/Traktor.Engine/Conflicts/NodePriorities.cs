using System.Globalization;

namespace Traktor.Engine.Conflicts;

/// <summary>
/// The rank of each node under <see cref="Policy.NodePriority"/>: the smaller number wins. A node's rank is its NodeID
/// unless <c>trktr.node_priority</c> of the deciding node sets another. That table is not replicated, because a
/// replicated one could have conflicts itself; differences between nodes are reported as findings.
/// </summary>
public sealed class NodePriorities(IReadOnlyDictionary<int, int> ranks)
{
    /// <summary>Every node ranks by its NodeID.</summary>
    public static NodePriorities ByNodeId { get; } = new(new Dictionary<int, int>());

    /// <summary>The ranks that were set, by NodeID.</summary>
    public IReadOnlyDictionary<int, int> Ranks { get; } = ranks;

    /// <summary>The rank of a node; the smallest wins over all others.</summary>
    public int RankOf(int node) => Ranks.GetValueOrDefault(node, node);

    /// <summary>
    /// Positive when the version of <paramref name="left"/> wins over that of <paramref name="right"/>: better rank,
    /// then greater stamp.
    /// </summary>
    public int Compare(Stamp left, Stamp right) =>
        RankOf(right.Node).CompareTo(RankOf(left.Node)) is var byRank and not 0 ? byRank : left.CompareTo(right);

    /// <summary>The node in sentences: <c>node 1 (priority 1)</c>.</summary>
    internal string Name(int node) => string.Create(CultureInfo.InvariantCulture, $"node {node} (priority {RankOf(node)})");
}
