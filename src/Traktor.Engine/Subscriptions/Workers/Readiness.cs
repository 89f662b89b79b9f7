namespace Traktor.Engine.Subscriptions.Workers;

/// <summary>How far a subscriber is with a table that its publisher is opening.</summary>
public enum Stage
{
    /// <summary>It cannot take the table.</summary>
    Unable,

    /// <summary>It could take the table; it is not subscribed to it yet.</summary>
    Able,

    /// <summary>It is subscribed: whatever is sent is applied.</summary>
    Subscribed,
}

/// <summary>A subscriber's word to its publisher about one table.</summary>
/// <param name="Stage">How far it is.</param>
/// <param name="Reason">Why it cannot, in a sentence; null otherwise.</param>
public sealed record Readiness(Stage Stage, string? Reason = null)
{
    /// <summary>
    /// What a subscriber answers.
    /// </summary>
    /// <param name="isPublished">Whether the table is in the publication, open or not.</param>
    /// <param name="isSubscribed">Whether the subscription has it.</param>
    /// <param name="whyOff">Why the subscription cannot refresh now (paused, disabled); null when it can.</param>
    /// <param name="whyNotFit">Why rows of the table could not be applied here; null when they could.</param>
    /// <param name="refreshError">Why refreshing failed; null when it did not.</param>
    public static Readiness Of(bool isPublished, bool isSubscribed, string? whyOff, string? whyNotFit, string? refreshError)
    {
        if (isPublished && isSubscribed)
            return whyNotFit is null ? new Readiness(Stage.Subscribed) : new Readiness(Stage.Unable, whyNotFit);
        if (whyOff is not null)
            return new Readiness(Stage.Unable, whyOff);
        if (whyNotFit is not null)
            return new Readiness(Stage.Unable, whyNotFit);

        // Also when it was another table that failed: as long as one does, no table can be subscribed to.
        return refreshError is not null ? new Readiness(Stage.Unable, refreshError) : new Readiness(Stage.Able);
    }
}
