using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Live.Cases;

/// <summary>Of which nodes a list of conflicts cannot tell everything.</summary>
public static class FeedCoverage
{
    /// <summary>The nodes whose conflicts are not counted yet, because their feed has not begun.</summary>
    public static IReadOnlyList<int> Uncounted(MeshView view, FeedList list) =>
        [
            .. Shown(view, list)
                .Where(node => node.Status is not { IsInitialized: false } && !list.Told.Contains(node.Node))
                .Select(node => node.Node),
        ];

    /// <summary>The nodes of which nothing new is heard, why, and until when it was.</summary>
    public static IReadOnlyList<(int Node, string Problem, DateTimeOffset? LastContactAt)> Silent(MeshView view, FeedList list) =>
        [.. Shown(view, list).Select(node => Silence(node, list)).OfType<(int, string, DateTimeOffset?)>()];

    private static IEnumerable<NodeSeen> Shown(MeshView view, FeedList list) =>
        view.Nodes.Where(node => list.Filter.Node is null || list.Filter.Node == node.Node);

    private static (int Node, string Problem, DateTimeOffset? LastContactAt)? Silence(NodeSeen node, FeedList list)
    {
        if (node.Problem is { } problem)
            return (node.Node, problem, list.Told.Contains(node.Node) ? node.LastContactAt : null);
        if (node.Status is { IsReachable: false })
            return (node.Node, "PostgreSQL does not answer.", node.Status.AsOf);
        return node.Status is { IsInitialized: true } && list.Silent.GetValueOrDefault(node.Node) is { } silent
            ? (node.Node, silent.Problem!, silent.LastContactAt)
            : null;
    }
}
