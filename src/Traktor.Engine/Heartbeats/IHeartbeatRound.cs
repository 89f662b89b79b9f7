namespace Traktor.Engine.Heartbeats;

/// <summary>
/// What a heartbeat promises to have been done: a heartbeat names what had been applied when its round began, and is sent only when all of that has been looked at and answered, so that the
/// answers are in this node's stream before it.
/// </summary>
public interface IHeartbeatRound
{
    /// <summary>
    /// Completes when everything that waits now (journal, verdicts that arrived, replies and announcements that are owed) has been looked at and what it calls for has been committed.
    /// What arrives meanwhile is the next round's, so that a hot key holds a heartbeat up for a round and never for ever.
    /// </summary>
    /// <exception cref="OperationCanceledException">The arbiter is being stopped.</exception>
    Task DigestAsync(CancellationToken cancel);
}
