using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Traktor.Engine.Origins;

/// <summary>
/// The replication origins of our own, one for each node, under which a version of that node is written here with its
/// own stamp and without being sent out again; the apply workers hold those of the subscriptions. Only one session at a
/// time can use one (<see href="https://www.postgresql.org/docs/current/replication-origins.html"/>).
/// </summary>
public static class NodeOrigin
{
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs a transaction under a node's origin, stamped as of <paramref name="committed"/>. Throws what Npgsql throws;
    /// 55006 (object_in_use) when another session uses the origin.
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
        await PauseAsync(
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
    /// Runs transactions under a node's origin, which is there (<see cref="EnsureAsync"/>); each of them ends with
    /// <see cref="Stamp"/>.
    /// </summary>
    public static async Task PauseAsync(NpgsqlConnection connection, int node, Func<Task> work, CancellationToken cancel)
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
            // A session that goes back to its pool with an origin would stamp whatever is written next.
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync(
                    new CommandDefinition("select pg_replication_origin_session_reset()", cancellationToken: CancellationToken.None)
                );
        }
    }

    /// <summary>Stamps the open transaction as of a moment; the last statement before its commit.</summary>
    public static NpgsqlBatchCommand Stamp(DateTime committed) =>
        new("select pg_replication_origin_xact_setup('0/1', $1)")
        {
            Parameters =
            {
                new NpgsqlParameter { Value = committed, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };

    /// <summary>
    /// Makes a node's origin unless it is there. Reads trktr.identity, so that whoever drops the schema waits for it,
    /// and finds the origin then.
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
    /// Drops those of this database, in a transaction that has dropped the schema: nobody makes one any more, and who
    /// has just written under one lets go of it.
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
