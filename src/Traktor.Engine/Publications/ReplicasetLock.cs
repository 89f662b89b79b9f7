using Dapper;
using Npgsql;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Publications;

/// <summary>
/// Whoever changes the replicaset or its publications takes this lock first, an arbiter that was not killed quite yet
/// included.
/// </summary>
internal static class ReplicasetLock
{
    /// <summary>
    /// Holds the lock to the end of the transaction, and lets no statement of it wait long for a table that somebody
    /// else has locked. The transaction gets its number now: a slot that a peer begins to make later waits for its end,
    /// so a peer that is not counted sees what was opened.
    /// </summary>
    public static Task TakeAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                $"set local lock_timeout = '3s'; select pg_advisory_xact_lock({AdvisoryLocks.Replicaset}); select pg_current_xact_id()",
                cancellationToken: cancel
            )
        );
}
