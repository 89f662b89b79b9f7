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

    /// <summary>The table fault for an error, with a hint.</summary>
    public static TableFault ToFault(PostgresException error, TableName? table)
    {
        var hint = error.SqlState switch
        {
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
            _ => $"Make {table} on this node match the peer's table.",
        };
        return new TableFault(error.SqlState, table, Secrets.Redact(error.MessageText), $"{hint} Replication then resumes.", error);
    }

    private static string Column(PostgresException error) => error.ColumnName is { } column ? Quote.Identifier(column) : "the column";
}
