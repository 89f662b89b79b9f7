namespace Traktor.Engine;

/// <summary>The engine's configuration for one node; the host reads it from <c>arbiter.ini</c>.</summary>
public sealed record ArbiterSettings
{
    /// <summary>Number of this node, unique in the mesh, 0 to 32767.</summary>
    public required int NodeId { get; init; }

    /// <summary>This node's database as a libpq connection string, keyword/value or URI form.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The longest time between two full checks of a subscription.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time between two heartbeats of this node. It takes about two of them to know that a commit has been applied
    /// everywhere.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether policies decide conflicts (true) or every conflict needs a decision.</summary>
    public bool AutoHeal { get; init; } = true;

    /// <summary>Whether the mesh includes servers older than PostgreSQL 16.</summary>
    public bool Pre16Compatibility { get; init; }

    /// <summary>
    /// Where peers' arbiters and consoles reach this one; announced to the mesh in <c>trktr.node</c>.
    /// </summary>
    public required Uri ArbiterUrl { get; init; }

    /// <summary>How long a resolved conflict stays in the history; zero for ever.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long an entry stays in the audit log; zero for ever.</summary>
    public TimeSpan AuditRetention { get; init; } = TimeSpan.FromDays(365);
}
