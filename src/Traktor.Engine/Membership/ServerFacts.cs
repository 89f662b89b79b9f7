namespace Traktor.Engine.Membership;

/// <summary>
/// The settings and privileges that preflight checks; columns of <c>Membership/read_preflight.sql</c>.
/// </summary>
public sealed record ServerFacts
{
    public int VersionNum { get; init; }

    public string VersionText { get; init; } = "";

    /// <summary>The database's encoding.</summary>
    public string Encoding { get; init; } = "UTF8";

    public string WalLevel { get; init; } = "";

    public int MaxReplicationSlots { get; init; }

    public int UsedSlots { get; init; }

    public int MaxWalSenders { get; init; }

    public int UsedSenders { get; init; }

    public int MaxLogicalWorkers { get; init; }

    public int MaxWorkerProcesses { get; init; }

    public int Subscriptions { get; init; }

    public bool TrackCommitTimestamp { get; init; }

    /// <summary>PostgreSQL 18 and newer; earlier versions use max_replication_slots.</summary>
    public int? MaxOrigins { get; init; }

    /// <summary><c>wal_retrieve_retry_interval</c>, milliseconds.</summary>
    public int WalRetrieveRetryMs { get; init; }

    /// <summary>Replication origins that count towards <see cref="MaxOrigins"/>.</summary>
    public int UsedOrigins { get; init; }

    public bool IsStandby { get; init; }

    public string Role { get; init; } = "";

    public bool IsSuperuser { get; init; }

    /// <summary>Whether a default of the role or database makes transactions read-only.</summary>
    public bool IsReadOnlyByDefault { get; init; }

    /// <summary>The role to which the defaults of the role or database set its sessions; null when to none.</summary>
    public string? DefaultRole { get; init; }

    public bool CanReplicate { get; init; }

    public bool CanCreate { get; init; }

    public bool CanSubscribe { get; init; }

    public bool CanReadStats { get; init; }

    public bool CanReadSubscriptions { get; init; }

    public bool CanUseOrigins { get; init; }

    public bool CanSetRole { get; init; }

    /// <summary>The settings with which the server logs statements with their parameters; empty when there are
    /// none.</summary>
    public string Logging { get; init; } = "";

    /// <summary>Whether the role may keep the parameters of its statements out of the log.</summary>
    public bool CanHideParameters { get; init; }
}
