using Traktor.Engine.Nodes;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>
/// The loop that continues with tables that are being opened: each opens as soon as its peers have it. It also notes
/// which open tables are not published any more.
/// </summary>
public sealed class ReplicasetWorker(LocalNode local, TableOpener opener, Worker worker, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, stop => worker.TryAsync(TickAsync, stop), cancel);

    private async Task TickAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        await ResyncNote.AddUnpublishedAsync(connection, local.NodeId, cancel);
        while (await opener.AdvanceAsync(connection, cancel))
        {
            // One step may make the next one possible.
        }
    }
}
