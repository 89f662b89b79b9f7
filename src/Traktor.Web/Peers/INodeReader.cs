using Traktor.Engine;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Peers;

/// <summary>
/// What can be asked of a node's arbiter, this one or another. Every call throws <see cref="RefusedException"/> with
/// words for the user.
/// </summary>
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

    /// <summary>A page of its conflicts, newest first.</summary>
    Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel);

    /// <summary>Its conflicts a minute over the last <paramref name="minutes"/>.</summary>
    Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel);

    /// <summary>
    /// What happens to its conflicts, from a position or from now on, without end. The first batch is empty and comes
    /// at once: it says where the stream begins.
    /// </summary>
    IAsyncEnumerable<FeedBatch> ListenAsync(FeedPosition? since, CancellationToken cancel);

    /// <summary>What is wrong with its server's settings.</summary>
    Task<IReadOnlyList<Finding>> PreflightAsync(CancellationToken cancel);
}
