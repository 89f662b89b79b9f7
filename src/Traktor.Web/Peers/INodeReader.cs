using Traktor.Engine;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Peers;

/// <summary>What can be asked of a node's arbiter, this one or another. Every call throws <see cref="RefusedException"/> with words for the user.</summary>
public interface INodeReader
{
    /// <summary>NodeID.</summary>
    int Node { get; }

    /// <summary>The node at a glance.</summary>
    Task<NodeStatus> StatusAsync(CancellationToken cancel);

    /// <summary>What the node receives.</summary>
    Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel);

    /// <summary>The tables of its replicaset.</summary>
    Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel);

    /// <summary>All its tables that could be replicated.</summary>
    Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel);

    /// <summary>What is wrong with its server's settings.</summary>
    Task<IReadOnlyList<Finding>> PreflightAsync(CancellationToken cancel);
}
