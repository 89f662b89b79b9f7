namespace Traktor.Engine.Subscriptions;

/// <summary>What a stopped subscription waits for.</summary>
public enum SubscriptionWait
{
    /// <summary>A decision by hand about a conflict.</summary>
    Decision,

    /// <summary>A table that must be fixed: a change cannot be applied.</summary>
    ApplyError,
}
