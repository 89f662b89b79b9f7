namespace Traktor.Engine.Monitoring;

/// <summary>
/// Tells from the server's counters which subscriptions fail to apply. A counter that changed, not one that grew, means
/// a failure: after a crash it starts again at 0. A failing worker is started again and fails again, so that one change
/// is remembered for a little longer than the server takes to retry.
/// </summary>
public sealed class ApplyFailures(TimeProvider time)
{
    /// <summary>
    /// A little longer than <c>wal_retrieve_retry_interval</c> (5 s by default), after which the server starts a failed
    /// worker again.
    /// </summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(7);

    private readonly Dictionary<uint, (long Count, DateTimeOffset? Changed)> counters = [];

    /// <summary>Takes note of a counter.</summary>
    /// <param name="subscription">The subscription's oid.</param>
    /// <param name="count">Failures to apply, as the server counts.</param>
    /// <param name="isPeerConnected">Whether the peer can be reached: a broken link counts as a failure too, and is none.</param>
    /// <returns>Whether it fails to apply.</returns>
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
