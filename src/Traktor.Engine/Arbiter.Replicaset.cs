using Traktor.Engine.Replicasets;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    /// <summary>Stages a table for replication. Returns whether this changed anything.</summary>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) => replicaset.StageAddAsync(table, cancel);

    /// <summary>
    /// Stages a table's removal, or cancels its staged addition. Returns the table's new state; null when nothing is
    /// left.
    /// </summary>
    public Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel) => replicaset.StageRemoveAsync(table, cancel);

    /// <summary>Commits what is staged and waits until every reachable peer has it or has reported why not.</summary>
    public Task<CommitReport> CommitAsync(bool force, CancellationToken cancel) => commit.CommitAsync(force, cancel);

    /// <summary>All tables that could be replicated.</summary>
    public Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel) => catalog.ReadAsync(cancel);

    /// <summary>The tables of the replicaset.</summary>
    public Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) => replicaset.ReadAsync(cancel);
}
