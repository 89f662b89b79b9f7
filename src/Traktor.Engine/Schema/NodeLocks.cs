using Dapper;
using Npgsql;

namespace Traktor.Engine.Schema;

/// <summary>
/// What only one session of a node's arbiters does at a time: the rows of <c>trktr.node_lock</c>, which no other role
/// can lock. Functions in <c>.sql</c> files repeat the names. README.md in this folder says who takes each, and for how
/// long.
/// </summary>
public static class NodeLocks
{
    /// <summary>Only one session changes this node's rows of <c>trktr.account</c> at a time.</summary>
    public const string Accounts = "accounts";

    /// <summary>Only one session adds to this node's audit log, or deletes from it, at a time.</summary>
    public const string Audit = "audit";

    /// <summary>Only one arbiter of a node resolves silent conflicts at a time.</summary>
    public const string Convergence = "convergence";

    /// <summary>Only one session changes the replicaset, its publications and their subscribers at a time.</summary>
    public const string Replicaset = "replicaset";

    /// <summary>
    /// Shared while a filtered subscription is refreshed, so that no filter is removed between its creation and the
    /// refresh.
    /// </summary>
    public const string Refresh = "refresh";

    /// <summary>One session makes a routine at a time: the privileges on their schema change for a moment.</summary>
    public const string Routines = "routines";

    /// <summary>Only one arbiter of a node runs its tasks.</summary>
    public const string Tasks = "tasks";

    /// <summary>Waits for a lock, and holds it until the end of the transaction. Throws what Npgsql throws.</summary>
    /// <exception cref="RefusedException">Conflict: someone has deleted its row.</exception>
    public static async Task TakeAsync(NpgsqlConnection connection, string name, CancellationToken cancel)
    {
        if (
            await connection.ExecuteScalarAsync<string>(
                new CommandDefinition(
                    "select name from trktr.node_lock where name = @name for update",
                    new { name },
                    cancellationToken: cancel
                )
            )
            is null
        )
            throw RefusedException.Conflict(
                $"The row '{name}' of trktr.node_lock is missing: someone has changed the schema trktr.",
                "PUT /v1/arbiter/control mends it."
            );
    }

    /// <summary>
    /// Takes a lock until the session ends, outside a transaction. Throws what Npgsql throws.
    /// </summary>
    /// <returns>Whether it was taken, which no other session of the arbiter's must have; and the sessions of other
    /// roles from which it was taken, in words: they cannot keep it.</returns>
    public static Task<(bool IsTaken, string? TakenFrom)> TryTakeForSessionAsync(
        NpgsqlConnection connection,
        string name,
        bool isShared,
        CancellationToken cancel
    ) =>
        connection.QuerySingleAsync<(bool, string?)>(
            new CommandDefinition(
                "select is_taken, taken_from from trktr.try_session_lock(@name, @isShared)",
                new { name, isShared },
                cancellationToken: cancel
            )
        );

    /// <summary>
    /// Whether a session of the arbiter's has a lock of this name for its session. Throws what Npgsql throws.
    /// </summary>
    public static Task<bool> IsHeldBySessionAsync(NpgsqlConnection connection, string name, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                "select trktr.is_lock_held(key) from trktr.node_lock where name = @name",
                new { name },
                cancellationToken: cancel
            )
        );

    /// <summary>Releases a shared lock of this session's. Throws what Npgsql throws.</summary>
    public static Task ReleaseSharedAsync(NpgsqlConnection connection, string name, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "select pg_advisory_unlock_shared(key) from trktr.node_lock where name = @name",
                new { name },
                cancellationToken: cancel
            )
        );
}
