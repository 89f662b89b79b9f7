using Traktor.Engine.Joining;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    /// <summary>The snapshot that this node exports for a node that joins. Whoever asks for it keeps it.</summary>
    public Task<SourceSnapshot> SnapshotAsync(int node, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(snapshots.Keep(node));
    }
}
