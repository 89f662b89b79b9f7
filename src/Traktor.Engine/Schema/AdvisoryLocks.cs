namespace Traktor.Engine.Schema;

/// <summary>
/// The advisory locks of a node's database, each as the arguments of <c>pg_advisory_lock</c>. <c>pg_locks</c> shows them
/// with <c>classid</c> 7824051 and the second number as <c>objid</c>. Statements in <c>.sql</c> files hold the numbers
/// as they are here. README.md beside this file says who takes which, and how long.
/// </summary>
public static class AdvisoryLocks
{
    /// <summary>
    /// Held while the arbiter lives and no key is contested. Triggers try to share it: whoever gets it has to look the
    /// key up.
    /// </summary>
    public const string NothingContested = "7824051, 1";

    /// <summary>One arbiter of a node resolves silent conflicts at a time.</summary>
    public const string Convergence = "7824051, 2";

    /// <summary>One arbiter installs or upgrades the schema at a time.</summary>
    public const string Schema = "7824051, 3";

    /// <summary>One session changes the replicaset, its publications and their subscribers at a time.</summary>
    public const string Replicaset = "7824051, 4";

    /// <summary>
    /// Shared while a filtered subscription is refreshed: no filter is removed between its making and the refresh that
    /// it was made for.
    /// </summary>
    public const string Refresh = "7824051, 5";

    /// <summary>One session makes a routine at a time: the privileges on their schema change for a moment.</summary>
    public const string Routines = "7824051, 6";
}
