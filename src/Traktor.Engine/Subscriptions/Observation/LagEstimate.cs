namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>How far behind a subscription is, and how long it needs to catch up.</summary>
public static class LagEstimate
{
    /// <summary>
    /// Unconfirmed bytes below which there is no backlog, because a server confirms only from time to time.
    /// </summary>
    private const long NoBacklog = 65536;

    /// <summary>
    /// The lag in milliseconds; null when not known. A heartbeat that the peer sent and that is not applied here shows
    /// how old the local data is, whatever the state of the link. If the peer cannot be asked, the age of its last
    /// applied heartbeat counts, so that the lag of a cut link grows.
    /// </summary>
    /// <param name="applied">The peer's last heartbeat applied on this node; null when there is none.</param>
    /// <param name="sent">The peer's last sent heartbeat; null when the peer cannot be asked, or sends none.</param>
    /// <param name="isFresh">Whether the peer has answered recently.</param>
    /// <param name="isRunning">Whether the subscription is being applied.</param>
    /// <param name="replayMs">How long ago the peer wrote what was confirmed last, as the peer reports it; null when
    /// not known.</param>
    public static double? LagMs(AppliedHeartbeat? applied, SentHeartbeat? sent, bool isFresh, bool isRunning, double? replayMs)
    {
        if (!isFresh)
            return applied is null ? null : Math.Max(applied.AgeMs, 1);
        var known = isRunning ? replayMs : null;
        if (applied is null || sent is null)
            return known;
        if (sent.Seq <= applied.Seq)
            return isRunning ? known : Positive(sent.Now - applied.Clock);

        // The first missing heartbeat was sent about one interval after the last applied one.
        var interval = (sent.Clock - applied.Clock) / (sent.Seq - applied.Seq);
        return Math.Max(Positive(sent.Now - applied.Clock - interval), known ?? 0);
    }

    /// <summary>
    /// Milliseconds until everything is confirmed, at the rate between two observations; null when nothing was
    /// confirmed between them.
    /// </summary>
    /// <param name="before">The earlier observation.</param>
    /// <param name="now">The later observation.</param>
    public static double? CatchUpMs(PeerObservation before, PeerObservation now)
    {
        if (now.LagBytes is not { } left)
            return null;
        if (left < NoBacklog)
            return 0;
        return
            before is { ConfirmedBytes: { } from, LastContactAt: { } earlier }
            && now is { ConfirmedBytes: { } to, LastContactAt: { } later }
            && to > from
            && later > earlier
            ? left / ((to - from) / (later - earlier).TotalMilliseconds)
            : null;
    }

    private static double Positive(TimeSpan time) => Math.Max(time.TotalMilliseconds, 1);
}
