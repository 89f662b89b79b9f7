using Traktor.Engine.Nodes;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Monitoring;

/// <summary>
/// This node's state at the last look at its server, kept in memory, so that reading it never waits for PostgreSQL.
/// </summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsInitialized">Whether the database has Traktor's schema and this NodeID.</param>
/// <param name="IsReplicating">Whether there is a subscription and all of them stream or catch up.</param>
/// <param name="IsTainted">Whether a conflict waits, a change could not be processed, an error stopped a subscription,
/// or a worker of the arbiter has been failing for ten seconds.</param>
/// <param name="ConflictsPending">Conflicts that need a decision.</param>
/// <param name="ConflictsResolved">Conflicts healed so far.</param>
/// <param name="ReplicationLagMs">The largest known lag of a subscription in milliseconds; null when none is
/// known.</param>
/// <param name="ServerVersion">Major and minor version as a number, for example 16.14; null until the server has
/// answered once.</param>
/// <param name="ServerVersionNum"><c>server_version_num</c>, for example 160014.</param>
/// <param name="IsReachable">Whether PostgreSQL answered the last time.</param>
/// <param name="Problem">What is wrong, in a sentence; null when nothing is.</param>
/// <param name="AsOf">When the server last answered.</param>
/// <param name="Peers">One entry for each subscription of this node.</param>
public sealed record NodeStatus(
    int Node,
    bool IsInitialized,
    bool IsReplicating,
    bool IsTainted,
    long ConflictsPending,
    long ConflictsResolved,
    double? ReplicationLagMs,
    decimal? ServerVersion,
    int? ServerVersionNum,
    bool IsReachable,
    string? Problem,
    DateTimeOffset? AsOf,
    IReadOnlyList<PeerStatus> Peers
)
{
    /// <summary>What waits until rows that were written on two nodes are equal everywhere.</summary>
    public ConvergenceBacklog Convergence { get; init; } = ConvergenceBacklog.None;

    /// <summary>The arbiter's workers that fail.</summary>
    public IReadOnlyList<FailingWorker> FailingWorkers { get; init; } = [];

    /// <summary>A node whose server has not been asked yet.</summary>
    public static NodeStatus Unknown(int node) =>
        new(node, false, false, false, 0, 0, null, null, null, false, "PostgreSQL has not been asked yet.", null, []);
}

/// <summary>A peer in <see cref="NodeStatus"/>.</summary>
/// <param name="Node">The peer's NodeID.</param>
/// <param name="State">State of the subscription from it.</param>
/// <param name="LagMs">Milliseconds behind; null when not known.</param>
/// <param name="LagBytes">Bytes of WAL that the peer has written and this node has not confirmed; null when not
/// known.</param>
/// <param name="LastContactAt">When the peer's server last answered this arbiter.</param>
/// <param name="ArbiterUrl">The address of the peer's arbiter; null when it has not announced it.</param>
public sealed record PeerStatus(
    int Node,
    SubscriptionState State,
    double? LagMs,
    long? LagBytes,
    DateTimeOffset? LastContactAt,
    string? ArbiterUrl
)
{
    /// <summary>The short form of a subscription.</summary>
    /// <param name="report">The subscription.</param>
    /// <param name="nodes">The known nodes.</param>
    public static PeerStatus Of(SubscriptionStatus report, IEnumerable<KnownNode> nodes) =>
        new(
            report.InboundNode,
            report.State,
            report.LagMs,
            report.LagBytes,
            report.LastContactAt,
            nodes.FirstOrDefault(node => node.Node == report.InboundNode)?.ArbiterUrl
        );
}
