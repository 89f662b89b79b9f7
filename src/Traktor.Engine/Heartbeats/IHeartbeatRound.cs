namespace Traktor.Engine.Heartbeats;

/// <summary>
/// What a heartbeat promises to have been done: the vector that it carries names what had been applied when its round
/// began, and all of that has been looked at and answered, so that the answers are in this node's stream before it.
/// </summary>
public interface IHeartbeatRound
{
    /// <summary>
    /// Looks at everything that waits now (overwrites, winners that arrived, replies and announcements that are unsent) and
    /// commits what it calls for. What arrives meanwhile is the next round's, so that a hot key holds a heartbeat up
    /// for a round and never for ever.
    /// </summary>
    /// <returns>
    /// Whether nothing is left of it. False when there was too much for one round, or something cannot be done yet: the
    /// heartbeat says then only what the one before it said.
    /// </returns>
    /// <exception cref="OperationCanceledException">The arbiter is being stopped.</exception>
    Task<bool> ProcessAsync(CancellationToken cancel);
}
