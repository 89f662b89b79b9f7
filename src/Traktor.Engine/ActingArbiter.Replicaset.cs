using Traktor.Engine.Access;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Replicasets;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>Stages a table for replication. Returns whether this changed anything.</summary>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) =>
        RunAsync(ArbiterAction.StageAdd, table, () => arbiter.replicaset.StageAddAsync(table, cancel));

    /// <summary>
    /// Stages a table's removal, or cancels its staged addition. Returns the table's new state; null when nothing is
    /// left.
    /// </summary>
    public Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel) =>
        RunAsync(ArbiterAction.StageRemove, table, () => arbiter.replicaset.StageRemoveAsync(table, cancel));

    /// <summary>Commits what is staged and waits until every reachable peer has it or has reported why not.</summary>
    public Task<CommitReport> CommitAsync(bool force, CancellationToken cancel) =>
        RunAsync(ArbiterAction.Commit, null, () => arbiter.commit.CommitAsync(force, cancel));

    /// <summary>
    /// Sets how a table's conflicts are decided, and whether silent ones are detected (null leaves either unchanged),
    /// on this node and, with <paramref name="isMesh"/>, on every node.
    /// </summary>
    public Task<PolicyChange> SetPolicyAsync(string table, Policy? policy, bool? detector, bool isMesh, CancellationToken cancel) =>
        RunAsync(ArbiterAction.SetPolicy, table, () => arbiter.policies.SetAsync(table, policy, detector, isMesh ? Actor : null, cancel));

    /// <summary>
    /// Sets the nodes' ranks under node_priority on this node and, with <paramref name="isMesh"/>, on every node.
    /// </summary>
    public Task<PriorityChange> SetPrioritiesAsync(IReadOnlyDictionary<int, int> priorities, bool isMesh, CancellationToken cancel) =>
        RunAsync(ArbiterAction.SetPriorities, null, () => arbiter.policies.SetPrioritiesAsync(priorities, isMesh ? Actor : null, cancel));
}
