namespace Traktor.Engine.Conflicts;

/// <summary>
/// Why a remote change could not be applied as it arrived, with the names of PostgreSQL 18
/// (<see href="https://www.postgresql.org/docs/18/logical-replication-conflicts.html"/>); <see cref="ApplyError"/> is
/// Traktor's own. Stored and returned in snake_case, see <see cref="ConflictWords"/>.
/// </summary>
public enum ConflictType
{
    /// <summary>An insert of a key that already exists.</summary>
    InsertExists,

    /// <summary>An update whose new row violates a unique key that another local row has.</summary>
    UpdateExists,

    /// <summary>An update of a row that a node other than the sender wrote last.</summary>
    UpdateOriginDiffers,

    /// <summary>An update of a row that does not exist.</summary>
    UpdateMissing,

    /// <summary>A delete of a row that a node other than the sender wrote last.</summary>
    DeleteOriginDiffers,

    /// <summary>A delete of a row that does not exist.</summary>
    DeleteMissing,

    /// <summary>An insert or update that violates several unique keys, of one or more local rows.</summary>
    MultipleUniqueConflicts,

    /// <summary>
    /// Not a row conflict: a missing column, a wrong type, a violated check and the like. Only a change of the table
    /// helps.
    /// </summary>
    ApplyError,
}
