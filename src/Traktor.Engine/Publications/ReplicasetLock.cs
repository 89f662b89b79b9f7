using Dapper;
using Npgsql;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Publications;

/// <summary>The lock that every session takes before it changes the replicaset or its publications.</summary>
internal static class ReplicasetLock
{
    /// <summary>
    /// Holds the lock until the end of the transaction, and limits how long its statements wait for a locked table. The
    /// transaction gets its xid now: a slot that a peer begins to create later waits for it, so that a peer that is not
    /// counted yet sees what was opened.
    /// </summary>
    public static async Task TakeAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.ExecuteAsync(
            new CommandDefinition("set local lock_timeout = '3s'; select pg_current_xact_id()", cancellationToken: cancel)
        );
        await NodeLocks.TakeAsync(connection, NodeLocks.Replicaset, cancel);
    }
}
