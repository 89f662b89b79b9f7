namespace Traktor.Engine.Subscriptions;

/// <summary>What a subscription is doing.</summary>
public enum SubscriptionState
{
    /// <summary>The apply worker runs and is up to date.</summary>
    Streaming,

    /// <summary>The apply worker runs and is behind.</summary>
    CatchingUp,

    /// <summary>
    /// Conflicts of the peer's transactions are decided, and the transactions applied, by the arbiter in place of the
    /// apply worker.
    /// </summary>
    Healing,

    /// <summary>A remote transaction cannot be applied, or waits for a decision by hand.</summary>
    Stopped,

    /// <summary>An operator paused it through us.</summary>
    Paused,

    /// <summary>Somebody disabled it by hand; left alone.</summary>
    Disabled,

    /// <summary>The peer does not answer; PostgreSQL reconnects by itself.</summary>
    Unreachable,

    /// <summary>The peer answers, but is not what it should be: not initialised any more, another node, or its slot is gone.</summary>
    Broken,
}

/// <summary>A subscription of this node, as last seen.</summary>
/// <param name="InboundNode">The peer it receives from.</param>
/// <param name="Name">Its name; the slot on the peer has the same.</param>
/// <param name="State">What it is doing.</param>
/// <param name="ConnectionString">The peer's connection string, secrets masked.</param>
/// <param name="LagMs">Milliseconds behind: while the peer answers, how old what was applied last is; else how long ago
/// its last heartbeat was applied. Null when not known.</param>
/// <param name="LagBytes">Bytes of WAL that the peer wrote and this node has not confirmed; null when not
/// known.</param>
/// <param name="WalRetainedBytes">Bytes of WAL that the slot keeps on the peer; null when not known.</param>
/// <param name="LastContactAt">When the peer last answered this arbiter; null when never since the arbiter started.</param>
/// <param name="LastError">What is wrong and what to do, in a sentence; null when nothing is.</param>
/// <param name="PausedAt">When an operator paused it.</param>
/// <param name="ClockOffsetMs">The peer's clock minus this server's, in milliseconds; null when not known.</param>
/// <param name="Tables">Number of user tables received.</param>
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
    /// <summary>When the peer's last heartbeat was applied here, by this server's clock; null when none was.</summary>
    public DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>Milliseconds until all that the peer wrote is confirmed, at the rate of late; null when that cannot be told.</summary>
    public double? CatchUpMs { get; init; }
}
