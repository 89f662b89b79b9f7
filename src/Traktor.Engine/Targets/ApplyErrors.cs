using Npgsql;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Targets;

/// <summary>What an error while applying means.</summary>
internal static class ApplyErrors
{
    /// <summary>Another row holds a unique key, or satisfies an exclusion constraint: a conflict.</summary>
    public static bool IsConflict(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation;

    /// <summary>Somebody else's transaction was in the way: the same again may succeed at once.</summary>
    public static bool IsTransient(PostgresException error) =>
        error.SqlState.StartsWith("40", StringComparison.Ordinal)
        || error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ObjectInUse;

    /// <summary>The server itself is in trouble (shutting down, out of memory or disk): neither the row's fault nor the table's.</summary>
    public static bool IsServerTrouble(PostgresException error) => error.SqlState[..2] is "08" or "53" or "57" or "58";

    /// <summary>The fault that this error is, in words.</summary>
    public static TableFault ToFault(PostgresException error, TableName? table)
    {
        var hint = error.SqlState switch
        {
            PostgresErrorCodes.NotNullViolation =>
                $"Let {Column(error)} be null here, or give it a default: ALTER TABLE {table?.Quoted} ALTER COLUMN "
                    + $"{Column(error)} DROP NOT NULL;",
            PostgresErrorCodes.CheckViolation => $"Drop or relax the constraint {error.ConstraintName} here, which the peer does not have.",
            PostgresErrorCodes.InsufficientPrivilege =>
                "Run the script that `-- grants` prints, as a superuser; row-level security must not be forced on a replicated table.",
            PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation =>
                $"Remove the rows that {error.ConstraintName} does not let stand beside this one.",
            _ when error.SqlState.StartsWith("22", StringComparison.Ordinal) =>
                $"Give the columns of {table} the same types as on the peer; for a key column with DROP TRIGGER "
                    + $"{ObjectNames.KeyTrigger} ON {table?.Quoted} before it, in one transaction: the arbiter puts the trigger back.",
            _ => $"Make {table} here as it is on the peer.",
        };
        return new TableFault(error.SqlState, table, Secrets.Redact(error.MessageText), $"{hint} Then it goes on by itself.", error);
    }

    private static string Column(PostgresException error) => error.ColumnName is { } column ? Quote.Identifier(column) : "the column";
}
