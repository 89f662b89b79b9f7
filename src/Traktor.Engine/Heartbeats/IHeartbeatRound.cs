namespace Traktor.Engine.Heartbeats;

/// <summary>The work that heartbeats tell of: resolving what has been applied.</summary>
public interface IHeartbeatRound
{
    /// <summary>
    /// Says how far everything that was applied has been processed (overwrites, arrived winners, unsent replies and
    /// announcements) and committed. It does not wait for the rest: in a storm heartbeats go on, and repeat what they
    /// said.
    /// </summary>
    /// <param name="applied">What has been applied now.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <returns>The vector of an earlier call or of this one before which nothing is left; null when there is none that
    /// was not returned before.</returns>
    /// <exception cref="OperationCanceledException">The arbiter is stopping.</exception>
    Task<NodeVector?> ProcessedAsync(NodeVector applied, CancellationToken cancel);

    /// <summary>Whether contested keys wait for the heartbeats of the other nodes.</summary>
    bool IsUrgent { get; }

    /// <summary>Waits until something was processed of which the others should be told at once.</summary>
    Task WaitAsync(CancellationToken cancel);
}
