namespace Traktor.Engine;

/// <summary>What the engine needs to know to be the arbiter of one node; the host reads it from <c>arbiter.ini</c>.</summary>
public sealed record ArbiterSettings
{
    /// <summary>Number of this node, unique in the mesh, 0 to 32767.</summary>
    public required int NodeId { get; init; }

    /// <summary>This node's database as a libpq connection string, keyword/value or URI form.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The longest time between two full checks of a subscription.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time between two heartbeats of this node; what was committed everywhere is known to be so after about two of
    /// them.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether conflicts are decided by policy (true) or wait for a decision by hand.</summary>
    public bool AutoHeal { get; init; } = true;

    /// <summary>Whether the mesh holds servers older than PostgreSQL 16.</summary>
    public bool Pre16Compatibility { get; init; }

    /// <summary>Where the peers' arbiters and consoles reach this one, told to the mesh in <c>trktr.node</c>.</summary>
    public required Uri ArbiterUrl { get; init; }

    /// <summary>How long a resolved conflict stays in the history; zero for ever.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromDays(90);
}
