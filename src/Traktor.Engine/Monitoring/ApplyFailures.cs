namespace Traktor.Engine.Monitoring;

/// <summary>
/// Tells from the server's counters which subscriptions fail to apply. A changed counter means a failure; it need not
/// have grown, because after a crash it starts again at 0. A failing worker is restarted and fails again, so a change
/// counts for a little longer than the server's retry interval.
/// </summary>
public sealed class ApplyFailures(TimeProvider time)
{
    /// <summary>
    /// A little longer than <c>wal_retrieve_retry_interval</c> (5 s by default), after which the server starts a failed
    /// worker again.
    /// </summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(7);

    private readonly Dictionary<uint, (long Count, DateTimeOffset? Changed)> counters = [];

    /// <summary>Processes a counter.</summary>
    /// <param name="subscription">The subscription's oid.</param>
    /// <param name="count">The server's count of apply failures.</param>
    /// <param name="isPeerConnected">Whether the peer is reachable. A broken link is counted as a failure but is
    /// none.</param>
    /// <returns>Whether the subscription fails to apply.</returns>
    public bool Note(uint subscription, long count, bool isPeerConnected)
    {
        var now = time.GetUtcNow();
        if (!counters.TryGetValue(subscription, out var known))
            known = (count, null);
        else if (known.Count != count)
            known = (count, count > 0 && isPeerConnected ? now : null);
        counters[subscription] = known;
        return isPeerConnected && known.Changed is { } changed && now - changed < Memory;
    }
}
