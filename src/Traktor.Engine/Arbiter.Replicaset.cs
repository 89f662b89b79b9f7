using Traktor.Engine.Replicasets;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    /// <summary>All tables that could be replicated.</summary>
    public Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel) => catalog.ReadAsync(cancel);

    /// <summary>The tables of the replicaset.</summary>
    public Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) => replicaset.ReadAsync(cancel);
}
