namespace Traktor.Engine.Subscriptions.Observation;

/// <summary>How far behind a subscription is, and how long it will take to catch up.</summary>
public static class LagEstimate
{
    /// <summary>Less than this to confirm is no backlog: a server confirms what it has received only now and then.</summary>
    private const long NoBacklog = 65536;

    /// <summary>
    /// Milliseconds behind; null when not known. A heartbeat of the peer that was sent and is not applied here shows
    /// how old what is here is, however the link looks; a peer that cannot be asked shows by the age of its last
    /// heartbeat here. So a cut link shows a growing age and never nothing.
    /// </summary>
    /// <param name="applied">The peer's last heartbeat that was applied here; null when none was.</param>
    /// <param name="sent">The peer's own last one; null when it cannot be asked, or sends none.</param>
    /// <param name="isFresh">Whether the peer has answered lately.</param>
    /// <param name="isRunning">Whether the subscription is being applied.</param>
    /// <param name="replayMs">How long ago the peer wrote what was confirmed last, by its own account; null when not
    /// known.</param>
    public static double? LagMs(AppliedHeartbeat? applied, SentHeartbeat? sent, bool isFresh, bool isRunning, double? replayMs)
    {
        if (!isFresh)
            return applied is null ? null : Math.Max(applied.AgeMs, 1);
        var known = isRunning ? replayMs : null;
        if (applied is null || sent is null)
            return known;
        if (sent.Seq <= applied.Seq)
            return isRunning ? known : Positive(sent.Now - applied.Clock);

        // The first heartbeat that is missing here was sent about one interval after the last that is not.
        var interval = (sent.Clock - applied.Clock) / (sent.Seq - applied.Seq);
        return Math.Max(Positive(sent.Now - applied.Clock - interval), known ?? 0);
    }

    /// <summary>
    /// Milliseconds until all is confirmed, at the rate between two looks at the peer; null when nothing was confirmed
    /// between them.
    /// </summary>
    /// <param name="before">The earlier look.</param>
    /// <param name="now">The later one.</param>
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
