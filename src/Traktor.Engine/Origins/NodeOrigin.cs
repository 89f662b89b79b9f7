using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Traktor.Engine.Origins;

/// <summary>
/// Traktor's own replication origins, one for each node. A version of a node is written under its origin, with its own
/// stamp and without being replicated again; the subscriptions' origins are held by the apply workers. Only one session
/// at a time can use an origin (<see href="https://www.postgresql.org/docs/current/replication-origins.html"/>).
/// </summary>
public static class NodeOrigin
{
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Runs a transaction under a node's origin, with <paramref name="committed"/> as its timestamp. Npgsql's
    /// exceptions propagate; 55006 (object_in_use) means that another session uses the origin.
    /// </summary>
    public static async Task WriteAsync(
        NpgsqlConnection connection,
        int node,
        DateTime committed,
        Func<Task> write,
        CancellationToken cancel
    )
    {
        await EnsureAsync(connection, node, cancel);
        await UseAsync(
            connection,
            node,
            async () =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                await write();
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Stamp(committed) } };
                await batch.ExecuteNonQueryAsync(cancel);
                await transaction.CommitAsync(cancel);
            },
            cancel
        );
    }

    /// <summary>
    /// Runs transactions under a node's existing origin (<see cref="EnsureAsync"/>). Each ends with
    /// <see cref="Stamp"/>.
    /// </summary>
    public static async Task UseAsync(NpgsqlConnection connection, int node, Func<Task> work, CancellationToken cancel)
    {
        await connection.ExecuteAsync(
            new CommandDefinition(
                "select pg_replication_origin_session_setup(trktr.origin_name(@node))",
                new { node },
                cancellationToken: cancel
            )
        );
        try
        {
            await work();
        }
        finally
        {
            // A session returned to its pool with an origin would stamp whatever it writes next.
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync(
                    new CommandDefinition("select pg_replication_origin_session_reset()", cancellationToken: CancellationToken.None)
                );
        }
    }

    /// <summary>Sets the timestamp of the open transaction; the last statement before its commit.</summary>
    public static NpgsqlBatchCommand Stamp(DateTime committed) =>
        new("select pg_replication_origin_xact_setup('0/1', $1)")
        {
            Parameters =
            {
                new NpgsqlParameter { Value = committed, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };

    /// <summary>
    /// Creates a node's origin if it does not exist. Reads trktr.identity, so that a session that drops the schema
    /// waits for this one and then finds the origin.
    /// </summary>
    public static Task EnsureAsync(NpgsqlConnection connection, int node, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "select pg_replication_origin_create(name) from trktr.identity, trktr.origin_name(@node) name where not exists "
                    + "(select from pg_replication_origin where roname = name)",
                new { node },
                cancellationToken: cancel
            )
        );

    /// <summary>
    /// Drops the origins of this database, in a transaction that has dropped the schema: no session can create one any
    /// more. A session that is still using one releases it, or waits for a table of the schema and so for this
    /// transaction, which no deadlock detector sees: 55006 (object_in_use) then means that the whole transaction has to
    /// be rolled back and begun anew.
    /// </summary>
    public static async Task DropAllAsync(NpgsqlTransaction transaction, CancellationToken cancel)
    {
        const string Savepoint = "origins";
        var deadline = DateTime.UtcNow + ReleasePatience;
        while (true)
        {
            await transaction.SaveAsync(Savepoint, cancel);
            try
            {
                await transaction.Connection!.ExecuteAsync(
                    new CommandDefinition(
                        "select pg_replication_origin_drop(roname) from pg_replication_origin where roname ~ "
                            + "format('^trktr_as_\\d+_%s$', (select oid from pg_database where datname = current_database()))",
                        cancellationToken: cancel
                    )
                );
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < deadline)
            {
                await transaction.RollbackAsync(Savepoint, cancel);
                await Task.Delay(20, cancel);
            }
        }
    }
}
