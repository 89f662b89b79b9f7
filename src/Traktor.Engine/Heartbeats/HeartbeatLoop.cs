using Traktor.Engine.Nodes;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Heartbeats;

/// <summary>The loop that sends this node's heartbeats.</summary>
/// <param name="local">This node.</param>
/// <param name="interval">Time between two heartbeats.</param>
/// <param name="round">What must be done before a heartbeat is sent; null when nothing must.</param>
/// <param name="worker">Runs the rounds.</param>
/// <param name="time">The clock.</param>
public sealed class HeartbeatLoop(LocalNode local, TimeSpan interval, IHeartbeatRound? round, Worker worker, TimeProvider time)
{
    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(interval, time, stop => worker.TryAsync(BeatAsync, stop), cancel);

    private async Task BeatAsync(CancellationToken cancel)
    {
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        if (!identity.IsCurrent)
            return;
        var begun = await HeartbeatSender.BeginAsync(connection, local.NodeId, cancel);
        var isProcessed = round is null || await round.ProcessAsync(cancel);
        await HeartbeatSender.SendAsync(connection, begun, isProcessed, cancel);
    }
}
