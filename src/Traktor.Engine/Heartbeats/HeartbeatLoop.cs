using Traktor.Engine.Nodes;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Heartbeats;

/// <summary>
/// The loop that sends this node's heartbeats: one in each interval, and ten a second while a node waits for them.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="interval">Time between two heartbeats while nothing is contested.</param>
/// <param name="round">The work that heartbeats tell of.</param>
/// <param name="worker">Runs the rounds.</param>
/// <param name="time">The clock.</param>
public sealed class HeartbeatLoop(LocalNode local, TimeSpan interval, IHeartbeatRound round, Worker worker, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private bool isUrgent;

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            if (!await worker.TryAsync(BeatAsync, cancel))
                isUrgent = false;
            if (!isUrgent)
                await RestAsync(interval - time.GetElapsedTime(began), cancel);
            await Loop.RestAsync(Positive(Shortest - time.GetElapsedTime(began)), time, cancel);
        }
    }

    private async Task RestAsync(TimeSpan pause, CancellationToken cancel)
    {
        using var waking = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(round.WaitAsync(waking.Token), Loop.RestAsync(Positive(pause), time, waking.Token));
        await waking.CancelAsync();
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    private async Task BeatAsync(CancellationToken cancel)
    {
        isUrgent = false;
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        if (!identity.IsCurrent)
            return;
        var begun = await HeartbeatSender.BeginAsync(connection, local.NodeId, cancel);
        var processed = await round.ProcessedAsync(begun.Applied(), cancel);
        await HeartbeatSender.SendAsync(connection, begun, processed, round.IsUrgent, cancel);
        isUrgent = begun.IsUrgent || round.IsUrgent;
    }
}
