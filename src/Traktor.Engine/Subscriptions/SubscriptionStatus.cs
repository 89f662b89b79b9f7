namespace Traktor.Engine.Subscriptions;

/// <summary>The state of a subscription.</summary>
public enum SubscriptionState
{
    /// <summary>The apply worker runs and is up to date.</summary>
    Streaming,

    /// <summary>The apply worker runs and is behind.</summary>
    CatchingUp,

    /// <summary>
    /// The arbiter, in place of the apply worker, decides conflicts and applies the peer's transactions.
    /// </summary>
    Healing,

    /// <summary>A remote transaction cannot be applied, or needs a decision.</summary>
    Stopped,

    /// <summary>An operator paused it through the arbiter.</summary>
    Paused,

    /// <summary>An operator disabled it with an SQL statement; the arbiter leaves it so.</summary>
    Disabled,

    /// <summary>The peer does not answer; PostgreSQL reconnects by itself.</summary>
    Unreachable,

    /// <summary>
    /// The peer answers, but cannot be used: it is no longer initialised, is another node, or the slot no longer
    /// exists.
    /// </summary>
    Broken,
}

/// <summary>A subscription of this node, as last observed.</summary>
/// <param name="InboundNode">The peer that it receives from.</param>
/// <param name="Name">Its name; the slot on the peer has the same.</param>
/// <param name="State">Its state.</param>
/// <param name="ConnectionString">The peer's connection string, with secrets masked.</param>
/// <param name="LagMs">The lag in milliseconds: while the peer answers, the age of what was applied last, otherwise the
/// age of its last applied heartbeat. Null when not known.</param>
/// <param name="LagBytes">Bytes of WAL that the peer has written and this node has not confirmed; null when not
/// known.</param>
/// <param name="WalRetainedBytes">Bytes of WAL that the slot keeps on the peer; null when not known.</param>
/// <param name="LastContactAt">When the peer last answered this arbiter; null when it has not since the arbiter
/// started.</param>
/// <param name="LastError">What is wrong and what to do, in a sentence; null when nothing is wrong.</param>
/// <param name="PausedAt">When an operator paused it.</param>
/// <param name="ClockOffsetMs">The peer's clock minus this server's, in milliseconds; null when not known.</param>
/// <param name="Tables">Number of user tables in it.</param>
public sealed record SubscriptionStatus(
    int InboundNode,
    string Name,
    SubscriptionState State,
    string ConnectionString,
    double? LagMs,
    long? LagBytes,
    long? WalRetainedBytes,
    DateTimeOffset? LastContactAt,
    string? LastError,
    DateTimeOffset? PausedAt,
    double? ClockOffsetMs,
    int Tables
)
{
    /// <summary>When the peer's last heartbeat was applied, by this server's clock; null when there is none.</summary>
    public DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>What it waits for while it is <see cref="SubscriptionState.Stopped"/>; else null.</summary>
    public SubscriptionWait? WaitsFor { get; init; }

    /// <summary>
    /// Milliseconds until everything that the peer wrote is confirmed, at the recent rate; null when not known.
    /// </summary>
    public double? CatchUpMs { get; init; }
}
