using Traktor.Engine.Access;
using Traktor.Engine.Joining;
using Traktor.Engine.Tasks;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>Joins a mesh with its data, and returns the task.</summary>
    public async Task<TaskReport> JoinAsync(JoinOrder order, CancellationToken cancel)
    {
        var id = await RunAsync(
            ArbiterAction.Join,
            Named(order.SourceNode),
            IsInitializedAsync,
            async () => await arbiter.ThenLookAsync(await arbiter.joins.StartAsync(order, Actor, cancel), cancel)
        );
        return await arbiter.tasks.FindAsync(id, cancel);
    }

    /// <summary>
    /// Exports a snapshot for a node that joins, once this node has applied what is before some positions.
    /// </summary>
    public Task<SourceSnapshot> ExportSnapshotAsync(int node, IReadOnlyList<NodePosition> positions, CancellationToken cancel) =>
        RunAsync(ArbiterAction.ExportSnapshot, Named(node), null, () => arbiter.snapshots.ExportAsync(node, positions, cancel));

    /// <summary>Ends the snapshot for a node that joins.</summary>
    public Task<SourceSnapshot> EndSnapshotAsync(int node, CancellationToken cancel) =>
        RunAsync(ArbiterAction.ExportSnapshot, Named(node), null, () => arbiter.snapshots.EndAsync(node, cancel));
}
