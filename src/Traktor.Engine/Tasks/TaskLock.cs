using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Tasks;

/// <summary>The lock of the arbiter that runs the tasks of a node, with the session that holds it.</summary>
internal sealed class TaskLock(LocalNode local)
{
    private NpgsqlConnection? session;

    public bool IsTaken => session is not null;

    /// <summary>Whether the session that took the lock is still there.</summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancel)
    {
        try
        {
            await using var nothing = new NpgsqlCommand(";", session);
            await nothing.ExecuteNonQueryAsync(cancel);
            return true;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e) || e is InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Takes the lock; false when another arbiter has it.</summary>
    /// <exception cref="RefusedException">As for <see cref="LocalNode.OpenAsync"/>.</exception>
    public async Task<bool> TryTakeAsync(CancellationToken cancel)
    {
        var connection = await local.OpenAloneAsync(cancel, "tasks");
        var isTaken = false;
        try
        {
            (isTaken, _) = await NodeLocks.TryTakeForSessionAsync(connection, NodeLocks.Tasks, isShared: false, cancel);
        }
        finally
        {
            if (!isTaken)
                await connection.DisposeAsync();
        }

        if (isTaken)
            session = connection;
        return isTaken;
    }

    public async Task ReleaseAsync()
    {
        if (Interlocked.Exchange(ref session, null) is { } connection)
            await connection.DisposeAsync();
    }
}
