using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Live.Mesh;

/// <summary>What a directed link between two nodes is doing.</summary>
public enum EdgeState
{
    /// <summary>Up to date.</summary>
    Streaming,

    /// <summary>Behind, and running.</summary>
    CatchingUp,

    /// <summary>The receiving node's arbiter resolves conflicts.</summary>
    Healing,

    /// <summary>A conflict needs a decision by hand.</summary>
    WaitingForDecision,

    /// <summary>A change cannot be applied until a table is fixed.</summary>
    ApplyError,

    /// <summary>The sending node answers, but is not what it should be.</summary>
    Broken,

    /// <summary>Paused by an operator.</summary>
    Paused,

    /// <summary>Disabled in PostgreSQL.</summary>
    Disabled,

    /// <summary>The sending node's server does not answer.</summary>
    Unreachable,

    /// <summary>There is no subscription.</summary>
    Missing,

    /// <summary>The receiving node's arbiter or server does not answer.</summary>
    Unknown,
}

/// <summary>What one node receives from another.</summary>
/// <param name="From">The sending node.</param>
/// <param name="To">The receiving node, whose subscription it is.</param>
/// <param name="State">Its state, as far as is known.</param>
/// <param name="Subscription">The subscription as last reported; null when there is none, or none was reported.</param>
public sealed record MeshEdge(int From, int To, EdgeState State, SubscriptionStatus? Subscription)
{
    /// <summary>All links between the known nodes, missing ones included.</summary>
    public static IReadOnlyList<MeshEdge> Of(MeshView view) =>
        [.. from to in view.Nodes from @from in view.Nodes where to.Node != @from.Node select Between(@from, to)];

    private static MeshEdge Between(NodeSeen from, NodeSeen to)
    {
        var subscription = to.Subscriptions?.FirstOrDefault(s => s.InboundNode == from.Node);
        var isKnown = to.IsFresh && to.Subscriptions is not null && to.Status!.IsReachable;
        return new MeshEdge(
            from.Node,
            to.Node,
            !isKnown ? EdgeState.Unknown
                : subscription is null ? EdgeState.Missing
                : StateOf(subscription),
            subscription
        );
    }

    private static EdgeState StateOf(SubscriptionStatus subscription) =>
        subscription.State switch
        {
            SubscriptionState.Streaming => EdgeState.Streaming,
            SubscriptionState.CatchingUp => EdgeState.CatchingUp,
            SubscriptionState.Healing => EdgeState.Healing,
            SubscriptionState.Stopped when subscription.WaitsFor == SubscriptionWait.Decision => EdgeState.WaitingForDecision,
            SubscriptionState.Stopped => EdgeState.ApplyError,
            SubscriptionState.Paused => EdgeState.Paused,
            SubscriptionState.Disabled => EdgeState.Disabled,
            SubscriptionState.Unreachable => EdgeState.Unreachable,
            _ => EdgeState.Broken,
        };
}
