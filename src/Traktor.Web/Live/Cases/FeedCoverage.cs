using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Live.Cases;

/// <summary>The nodes whose conflicts a list does not have completely.</summary>
public static class FeedCoverage
{
    /// <summary>The nodes whose conflicts are not counted yet, because their feed has not started.</summary>
    public static IReadOnlyList<int> Uncounted(MeshView view, FeedList list) =>
        [
            .. Shown(view, list)
                .Where(node => node.Status is not { IsInitialized: false } && !list.Known.Contains(node.Node))
                .Select(node => node.Node),
        ];

    /// <summary>The nodes that do not answer, with the reason and the time of the last contact.</summary>
    public static IReadOnlyList<(int Node, string Problem, DateTimeOffset? LastContactAt)> Unreachable(MeshView view, FeedList list) =>
        [.. Shown(view, list).Select(node => Outage(node, list)).OfType<(int, string, DateTimeOffset?)>()];

    private static IEnumerable<NodeSeen> Shown(MeshView view, FeedList list) =>
        view.Nodes.Where(node => list.Filter.Node is null || list.Filter.Node == node.Node);

    private static (int Node, string Problem, DateTimeOffset? LastContactAt)? Outage(NodeSeen node, FeedList list)
    {
        if (node.Problem is { } problem)
            return (node.Node, problem, list.Known.Contains(node.Node) ? node.LastContactAt : null);
        if (node.Status is { IsReachable: false })
            return (node.Node, "PostgreSQL does not answer.", node.Status.AsOf);
        return node.Status is { IsInitialized: true } && list.Unreachable.GetValueOrDefault(node.Node) is { } last
            ? (node.Node, last.Problem!, last.LastContactAt)
            : null;
    }
}
