using System.Globalization;

namespace Traktor.Web.Live.Mesh;

/// <summary>The health of the mesh in a short sentence: the worst problem.</summary>
public static class MeshHealth
{
    public static Headline Of(MeshView view)
    {
        var unreachable = view.Nodes.Count(node => !node.IsFresh);
        var down = view.Nodes.Count(node => node is { IsFresh: true, Status.IsReachable: false });
        var conflicts = view.Nodes.Sum(node => node.Status?.ConflictsPending ?? 0);
        var edges = MeshEdge.Of(view);
        int Count(params EdgeState[] states) => edges.Count(edge => states.Contains(edge.State));

        if (down > 0)
            return new(Health.Bad, Words(down, "server does not answer", "servers do not answer"));
        if (unreachable > 0)
            return new(Health.Bad, Words(unreachable, "arbiter does not answer", "arbiters do not answer"));
        if (conflicts > 0)
            return new(Health.Bad, Words(conflicts, "pending conflict", "pending conflicts"));
        if (Count(EdgeState.WaitingForDecision, EdgeState.ApplyError, EdgeState.Broken, EdgeState.Unreachable) is > 0 and var broken)
            return new(Health.Bad, Words(broken, "link is down", "links are down"));
        if (Count(EdgeState.Paused, EdgeState.Disabled) is > 0 and var paused)
            return new(Health.Waiting, Words(paused, "link is paused", "links are paused"));
        if (view.Nodes.Count == 1)
            return new(Health.Waiting, view.Own.Status is { IsInitialized: false } ? "Not initialised" : "No subscriptions yet");
        if (Count(EdgeState.Missing) is > 0 and var missing)
            return new(Health.Waiting, Words(missing, "link is missing", "links are missing"));
        if (Count(EdgeState.Healing) is > 0 and var healing)
            return new(Health.Waiting, Words(healing, "link is resolving conflicts", "links are resolving conflicts"));
        return Count(EdgeState.CatchingUp) is > 0 and var behind
            ? new(Health.Waiting, Words(behind, "link is catching up", "links are catching up"))
            : new(Health.Good, string.Create(CultureInfo.InvariantCulture, $"All {view.Nodes.Count} nodes are healthy"));
    }

    private static string Words(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
