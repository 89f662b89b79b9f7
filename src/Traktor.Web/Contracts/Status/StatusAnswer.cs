using Traktor.Engine.Monitoring;

namespace Traktor.Web.Contracts.Status;

/// <summary>This node at a glance. The last three fields are what the first version of the API called three of the others.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsInitialized">Whether the database holds our schema and this NodeID.</param>
/// <param name="IsReplicating">Whether there is a subscription and all of them stream or catch up.</param>
/// <param name="IsTainted">Whether a conflict waits or a subscription is stopped by an error.</param>
/// <param name="ConflictsPending">Conflicts that wait for a decision.</param>
/// <param name="ConflictsResolved">Conflicts healed so far.</param>
/// <param name="ReplicationLagMs">The largest known lag of a subscription in milliseconds; null when it is not known.</param>
/// <param name="ServerVersion">Major and minor version as a number, for instance 16.14; null until the server was reached once.</param>
/// <param name="ServerVersionNum">PostgreSQL's <c>server_version_num</c>, for instance 160014.</param>
/// <param name="IsReachable">Whether PostgreSQL answered the last time.</param>
/// <param name="Problem">What is wrong, in a sentence; null when nothing is.</param>
/// <param name="AsOf">When the server was last asked successfully.</param>
/// <param name="Peers">One entry a subscription of this node.</param>
/// <param name="Replicating">The same as is_replicating.</param>
/// <param name="Tainted">The same as is_tainted.</param>
/// <param name="AutoResolved">The same as conflicts_resolved.</param>
public sealed record StatusAnswer(
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
    IReadOnlyList<PeerStatus> Peers,
    bool Replicating,
    bool Tainted,
    long AutoResolved
)
{
    /// <summary>What waits until rows that were written in two places are equal everywhere.</summary>
    public ConvergenceBacklog Convergence { get; init; } = ConvergenceBacklog.None;

    public static StatusAnswer Of(NodeStatus status) =>
        new(
            status.Node,
            status.IsInitialized,
            status.IsReplicating,
            status.IsTainted,
            status.ConflictsPending,
            status.ConflictsResolved,
            status.ReplicationLagMs,
            status.ServerVersion,
            status.ServerVersionNum,
            status.IsReachable,
            status.Problem,
            status.AsOf,
            status.Peers,
            status.IsReplicating,
            status.IsTainted,
            status.ConflictsResolved
        )
        {
            Convergence = status.Convergence,
        };
}
