namespace Traktor.Engine.Subscriptions.Workers;

/// <summary>A subscriber's progress with a table that its publisher is opening.</summary>
public enum Stage
{
    /// <summary>It cannot receive the table.</summary>
    Unable,

    /// <summary>It can receive the table but has not subscribed to it yet.</summary>
    Able,

    /// <summary>It has subscribed: whatever is sent is applied.</summary>
    Subscribed,
}

/// <summary>A subscriber's report to its publisher about one table.</summary>
/// <param name="Stage">Its progress.</param>
/// <param name="Reason">Why it cannot receive the table, in a sentence; otherwise null.</param>
public sealed record Readiness(Stage Stage, string? Reason = null)
{
    /// <summary>The subscriber's report.</summary>
    /// <param name="isPublished">Whether the table is in the publication, open or not.</param>
    /// <param name="isSubscribed">Whether the table is in the subscription.</param>
    /// <param name="whyOff">Why the subscription cannot be refreshed now (paused, disabled); null when it can.</param>
    /// <param name="whyNotFit">Why rows of the table could not be applied on this node; null when they could.</param>
    /// <param name="refreshError">Why the refresh failed; null when it did not.</param>
    public static Readiness Of(bool isPublished, bool isSubscribed, string? whyOff, string? whyNotFit, string? refreshError)
    {
        if (isPublished && isSubscribed)
            return whyNotFit is null ? new Readiness(Stage.Subscribed) : new Readiness(Stage.Unable, whyNotFit);
        if (whyOff is not null)
            return new Readiness(Stage.Unable, whyOff);
        if (whyNotFit is not null)
            return new Readiness(Stage.Unable, whyNotFit);

        // Also if another table caused the failure: until that is fixed, no table can be subscribed.
        return refreshError is not null ? new Readiness(Stage.Unable, refreshError) : new Readiness(Stage.Able);
    }
}
