using Traktor.Engine;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Tasks;

namespace Traktor.Web.Peers;

/// <summary>
/// Reads a node through its arbiter, this one or another. Every call can throw <see cref="RefusedException"/> with a
/// message for the user.
/// </summary>
public interface INodeReader
{
    /// <summary>NodeID.</summary>
    int Node { get; }

    /// <summary>The status of the node.</summary>
    Task<NodeStatus> StatusAsync(CancellationToken cancel);

    /// <summary>The subscriptions of the node.</summary>
    Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel);

    /// <summary>The tables of its replicaset.</summary>
    Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel);

    /// <summary>All tables of its database.</summary>
    Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel);

    /// <summary>A page of its conflicts, newest first.</summary>
    Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel);

    /// <summary>Its conflicts per minute in the last <paramref name="minutes"/>.</summary>
    Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel);

    /// <summary>
    /// The changes of its conflicts, from a position or from now on, without end. The first batch is empty and arrives
    /// immediately: it has the position where the stream begins.
    /// </summary>
    IAsyncEnumerable<FeedBatch> ListenAsync(FeedPosition? since, CancellationToken cancel);

    /// <summary>Its newest tasks, newest first.</summary>
    Task<IReadOnlyList<TaskEntry>> TasksAsync(CancellationToken cancel);

    /// <summary>One of its tasks with its log.</summary>
    Task<TaskReport> TaskAsync(long id, CancellationToken cancel);

    /// <summary>A comparison that it ran.</summary>
    Task<Comparison> ComparisonAsync(long id, CancellationToken cancel);

    /// <summary>A page of the differences that a comparison found; of one table, or of all.</summary>
    Task<DifferencePage> DifferencesAsync(long id, string? relation, long after, int limit, CancellationToken cancel);

    /// <summary>The findings of its preflight.</summary>
    Task<IReadOnlyList<Finding>> PreflightAsync(CancellationToken cancel);
}
