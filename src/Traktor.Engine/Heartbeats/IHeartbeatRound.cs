namespace Traktor.Engine.Heartbeats;

/// <summary>
/// The work that precedes a heartbeat: the vector names what had been applied when its round began, and all of that has
/// been processed and answered, so that the answers precede it in this node's stream.
/// </summary>
public interface IHeartbeatRound
{
    /// <summary>
    /// Processes everything that waits now (overwrites, arrived winners, unsent replies and announcements) and commits
    /// the results. What arrives in the meantime belongs to the next round, so that a frequently changed key delays a
    /// heartbeat by one round at most.
    /// </summary>
    /// <returns>Whether nothing is left. False when one round was not enough, or something cannot be done yet; the
    /// heartbeat then repeats the previous vector.</returns>
    /// <exception cref="OperationCanceledException">The arbiter is stopping.</exception>
    Task<bool> ProcessAsync(CancellationToken cancel);
}
