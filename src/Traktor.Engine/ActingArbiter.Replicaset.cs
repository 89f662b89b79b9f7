using Traktor.Engine.Access;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>Stages a table for replication. Returns whether this changed anything.</summary>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) =>
        RunAsync(ArbiterAction.StageAdd, table, _ => TableAsync(table, cancel), () => arbiter.replicaset.StageAddAsync(table, cancel));

    /// <summary>
    /// Stages a table's removal, or cancels its staged addition. Returns the table's new state; null when nothing is
    /// left.
    /// </summary>
    public Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.StageRemove,
            table,
            _ => TableAsync(table, cancel),
            () => arbiter.replicaset.StageRemoveAsync(table, cancel)
        );

    /// <summary>Commits what is staged and waits until every reachable peer has it or has reported why not.</summary>
    public Task<CommitReport> CommitAsync(bool force, CancellationToken cancel) =>
        RunAsync(ArbiterAction.Commit, null, _ => StagedAsync(cancel), () => arbiter.commit.CommitAsync(force, cancel));

    /// <summary>
    /// Sets how a table's conflicts are decided, and whether silent ones are detected (null leaves either unchanged),
    /// on this node and, with <paramref name="isMesh"/>, on every node.
    /// </summary>
    public Task<PolicyChange> SetPolicyAsync(string table, Policy? policy, bool? detector, bool isMesh, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.SetPolicy,
            table,
            _ => TableAsync(table, cancel),
            () => arbiter.policies.SetAsync(table, policy, detector, isMesh ? Actor : null, cancel)
        );

    /// <summary>
    /// Sets the nodes' ranks under node_priority on this node and, with <paramref name="isMesh"/>, on every node.
    /// </summary>
    public Task<PriorityChange> SetPrioritiesAsync(IReadOnlyDictionary<int, int> priorities, bool isMesh, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.SetPriorities,
            null,
            _ => PrioritiesAsync(cancel),
            () => arbiter.policies.SetPrioritiesAsync(priorities, isMesh ? Actor : null, cancel)
        );

    /// <summary>A table as the audit log has it; null when it is not in the replicaset.</summary>
    private async Task<object?> TableAsync(string table, CancellationToken cancel)
    {
        var name = TableName.Parse(table);
        string[] spellings = [name.ToString(), name.Folded().ToString()];
        return (await arbiter.replicaset.ReadAsync(cancel)).FirstOrDefault(found => spellings.Contains(found.Relation)) is { } found
            ? new
            {
                found.Status,
                found.Policy,
                found.Detector,
            }
            : null;
    }

    /// <summary>What is staged and what waits.</summary>
    private async Task<object?> StagedAsync(CancellationToken cancel)
    {
        var tables = (await arbiter.replicaset.ReadAsync(cancel)).Where(table => table.Status != TableState.Committed).ToList();
        return new { Add = Named(tables, TableState.PendingAdd), Remove = Named(tables, TableState.PendingRemove) };
    }

    private static string[] Named(IEnumerable<ReplicasetTable> tables, TableState state) =>
        [.. tables.Where(table => table.Status == state).Select(table => table.Relation)];

    private async Task<object?> PrioritiesAsync(CancellationToken cancel) =>
        (await arbiter.policies.ReadAsync(cancel))
            .Priorities.Where(rank => rank.IsSet)
            .ToDictionary(rank => rank.Node, rank => rank.Priority);
}
