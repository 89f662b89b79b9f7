namespace Traktor.Engine.Schema;

/// <summary>
/// The advisory locks of a node's database, each as the arguments of <c>pg_advisory_lock</c>. <c>pg_locks</c> shows
/// them with <c>classid</c> 7824051 and the second number as <c>objid</c>. Statements in <c>.sql</c> files repeat the
/// numbers. README.md in this folder says who takes each lock, and for how long.
/// </summary>
public static class AdvisoryLocks
{
    /// <summary>
    /// The "nothing contested" lock, held while the arbiter runs and no key is contested. Triggers try to share it: one
    /// that succeeds must look the key up.
    /// </summary>
    public const string NothingContested = "7824051, 1";

    /// <summary>Only one arbiter of a node resolves silent conflicts at a time.</summary>
    public const string Convergence = "7824051, 2";

    /// <summary>Only one arbiter installs or upgrades the schema at a time.</summary>
    public const string Schema = "7824051, 3";

    /// <summary>Only one session changes the replicaset, its publications and their subscribers at a time.</summary>
    public const string Replicaset = "7824051, 4";

    /// <summary>
    /// Shared while a filtered subscription is refreshed, so that no filter is removed between its creation and the
    /// refresh.
    /// </summary>
    public const string Refresh = "7824051, 5";

    /// <summary>One session makes a routine at a time: the privileges on their schema change for a moment.</summary>
    public const string Routines = "7824051, 6";
}
