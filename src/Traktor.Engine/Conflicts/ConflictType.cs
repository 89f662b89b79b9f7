namespace Traktor.Engine.Conflicts;

/// <summary>
/// What kept a remote change from being applied as it came, named as PostgreSQL 18 names it
/// (<see href="https://www.postgresql.org/docs/18/logical-replication-conflicts.html"/>); <see cref="ApplyError"/> is ours.
/// Stored and answered in snake_case, see <see cref="ConflictWords"/>.
/// </summary>
public enum ConflictType
{
    /// <summary>An insert of a key that is here already.</summary>
    InsertExists,

    /// <summary>An update whose new row violates a unique key that another row holds here.</summary>
    UpdateExists,

    /// <summary>An update of a row that was last written by another node than the one that sends the update.</summary>
    UpdateOriginDiffers,

    /// <summary>An update of a row that is not here.</summary>
    UpdateMissing,

    /// <summary>A delete of a row that was last written by another node than the one that sends the delete.</summary>
    DeleteOriginDiffers,

    /// <summary>A delete of a row that is not here.</summary>
    DeleteMissing,

    /// <summary>An insert or update that violates several unique keys at once, held by one or more rows.</summary>
    MultipleUniqueConflicts,

    /// <summary>
    /// No conflict of rows: a missing column, a wrong type, a violated check and the like. Nothing but mending the
    /// table helps.
    /// </summary>
    ApplyError,
}
