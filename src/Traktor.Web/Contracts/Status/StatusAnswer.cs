using Traktor.Engine.Monitoring;
using Traktor.Engine.Workers;

namespace Traktor.Web.Contracts.Status;

/// <summary>The status of this node. The last three fields are older names of other fields.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="IsInitialized">Whether the database has the schema trktr with this NodeID.</param>
/// <param name="IsReplicating">Whether there is a subscription and all of them are streaming or catching up.</param>
/// <param name="IsTainted">Whether a conflict waits for a decision, a change could not be processed, a subscription has
/// an apply error, or a worker has been failing for ten seconds.</param>
/// <param name="ConflictsPending">Conflicts that wait for a decision.</param>
/// <param name="ConflictsResolved">Conflicts resolved so far.</param>
/// <param name="ReplicationLagMs">The largest known lag of a subscription in milliseconds; null when it is not
/// known.</param>
/// <param name="ServerVersion">Major and minor version as a number, for instance 16.14; null until the server has
/// answered.</param>
/// <param name="ServerVersionNum">PostgreSQL's <c>server_version_num</c>, for instance 160014.</param>
/// <param name="IsReachable">Whether PostgreSQL answered the last query.</param>
/// <param name="Problem">What is wrong with the node; null when nothing is.</param>
/// <param name="AsOf">When the server last answered.</param>
/// <param name="Peers">One entry for each subscription of this node.</param>
/// <param name="Replicating">Older name of is_replicating.</param>
/// <param name="Tainted">Older name of is_tainted.</param>
/// <param name="AutoResolved">Older name of conflicts_resolved.</param>
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
    /// <summary>What waits until contested rows are equal on all nodes.</summary>
    public ConvergenceBacklog Convergence { get; init; } = ConvergenceBacklog.None;

    /// <summary>The arbiter's workers whose last rounds failed.</summary>
    public IReadOnlyList<FailingWorker> FailingWorkers { get; init; } = [];

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
            FailingWorkers = status.FailingWorkers,
        };
}
