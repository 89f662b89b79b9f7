using Traktor.Engine.Monitoring;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Live.Mesh;

/// <summary>The health of a node or a case.</summary>
public enum Health
{
    /// <summary>Everything works.</summary>
    Good,

    /// <summary>An action is pending, or the state is temporary.</summary>
    Waiting,

    /// <summary>Something is wrong.</summary>
    Bad,
}

/// <summary>The state of a node in one sentence.</summary>
public sealed record Headline(Health Health, string Text)
{
    public static Headline Of(NodeStatus status) =>
        status switch
        {
            { IsReachable: false, AsOf: null } => new(Health.Bad, "PostgreSQL has not answered yet."),
            { IsReachable: false } => new(Health.Bad, "PostgreSQL does not answer."),
            { IsInitialized: false } => new(Health.Waiting, $"Node {status.Node} is not initialised."),
            { ConflictsPending: > 0 } => new(
                Health.Bad,
                status.ConflictsPending == 1 ? "1 conflict needs a decision." : $"{status.ConflictsPending} conflicts need a decision."
            ),
            { Convergence.SetAside: > 0 and var count } => new(
                Health.Bad,
                count == 1 ? "1 change could not be processed." : $"{count} changes could not be processed."
            ),
            { IsTainted: true, FailingWorkers: [var failing, ..] }
                when !status.Peers.Any(peer => peer.State == SubscriptionState.Stopped) => new(Health.Bad, failing.InWords()),
            { IsTainted: true } => new(Health.Bad, "A subscription has an apply error."),
            { Peers.Count: 0 } => new(Health.Waiting, "No subscriptions yet."),
            _ => OfPeers(status.Peers),
        };

    private static Headline OfPeers(IReadOnlyList<PeerStatus> peers)
    {
        var away = peers
            .Where(p => p.State is not (SubscriptionState.Streaming or SubscriptionState.CatchingUp or SubscriptionState.Healing))
            .ToList();
        if (away.Count > 0)
            return new(Health.Bad, $"Not receiving from {Nodes(away)}.");
        var behind = peers.Where(p => p.State == SubscriptionState.CatchingUp).ToList();
        return behind.Count > 0
            ? new(Health.Waiting, $"Catching up with {Nodes(behind)}.")
            : new(Health.Good, $"Receiving from {Nodes(peers)}.");
    }

    private static string Nodes(IReadOnlyList<PeerStatus> peers) =>
        peers.Count == 1
            ? $"node {peers[0].Node}"
            : $"nodes {string.Join(", ", peers.Take(peers.Count - 1).Select(p => p.Node))} and {peers[^1].Node}";
}
