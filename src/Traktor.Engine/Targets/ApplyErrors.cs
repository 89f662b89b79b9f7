using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Targets;

/// <summary>What an error during apply means.</summary>
internal static class ApplyErrors
{
    /// <summary>A conflict: another row has the same unique key or violates an exclusion constraint.</summary>
    public static bool IsConflict(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation;

    /// <summary>A concurrent transaction caused the error: a retry may succeed at once.</summary>
    public static bool IsTransient(PostgresException error) =>
        error.SqlState.StartsWith("40", StringComparison.Ordinal)
        || error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ObjectInUse
        || IsRoutineGone(error);

    /// <summary>
    /// A routine of ours was dropped since the session found it. It is made again once the session forgets its name.
    /// </summary>
    public static bool IsRoutineGone(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.UndefinedFunction
        && error.MessageText.Contains($"{ObjectNames.RoutineSchema}.", StringComparison.Ordinal);

    /// <summary>
    /// The server itself has a problem (shutting down, out of memory or disk); neither the row nor the table is the
    /// cause.
    /// </summary>
    public static bool IsServerTrouble(PostgresException error) => error.SqlState[..2] is "08" or "53" or "57" or "58";

    /// <summary>
    /// A partitioned table has no partition for a row: <c>ExecFindPartition</c>, whose error has no SQLSTATE of its
    /// own.
    /// </summary>
    public static bool IsPartitionMissing(PostgresException error) =>
        error is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null, Routine: "ExecFindPartition" };

    /// <summary>The table fault for an error, with a hint.</summary>
    public static TableFault ToFault(PostgresException error, TableName? table)
    {
        var hint = error.SqlState switch
        {
            PostgresErrorCodes.CheckViolation when IsPartitionMissing(error) => $"Create a partition of {table} for that row.",
            PostgresErrorCodes.CheckViolation when error.ConstraintName is null =>
                $"Give {table} on this node the same columns, domains and partitions as on the peer.",
            // TRUNCATE: trktr.truncate_tables says what to do.
            PostgresErrorCodes.ObjectNotInPrerequisiteState when table is null && error.Hint is { } truncation => truncation,
            PostgresErrorCodes.NotNullViolation =>
                $"Allow NULL in {Column(error)} on this node, or give it a default: ALTER TABLE {table?.Quoted} ALTER COLUMN "
                    + $"{Column(error)} DROP NOT NULL;",
            PostgresErrorCodes.CheckViolation => $"Drop or relax the constraint {error.ConstraintName}, which the peer does not have.",
            // Of code that the table's owner attached to it: our own checks say what to change.
            PostgresErrorCodes.InsufficientPrivilege when error.Hint is { } ours => ours,
            PostgresErrorCodes.InsufficientPrivilege =>
                "Run the script that `-- grants` prints, as a superuser; row-level security must not be forced on a replicated table.",
            PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation =>
                $"Remove the rows that conflict with this one under {error.ConstraintName}.",
            _ when error.SqlState.StartsWith("22", StringComparison.Ordinal) =>
                $"Give the columns of {table} the same types as on the peer. For a key column, run DROP TRIGGER "
                    + $"{ObjectNames.KeyTrigger} ON {table?.Quoted} first, in the same transaction; the arbiter creates it again.",
            _ when table is null => "Make the tables on this node match the peer's.",
            _ => $"Make {table} on this node match the peer's table.",
        };
        return new TableFault(error.SqlState, table, Secrets.Redact(MessageOf(error)), $"{hint} Replication then resumes.", error);
    }

    /// <summary>The detail is told where it names what has to be changed, and no more than the row's key.</summary>
    private static string MessageOf(PostgresException error) =>
        error.Detail is { } detail && (IsPartitionMissing(error) || error.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState)
            ? $"{error.MessageText}. {detail}"
            : error.MessageText;

    private static string Column(PostgresException error) => error.ColumnName is { } column ? Quote.Identifier(column) : "the column";
}
