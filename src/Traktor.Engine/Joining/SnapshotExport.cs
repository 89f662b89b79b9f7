using Npgsql;
using Npgsql.Replication;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Joining;

/// <summary>
/// A slot of a joining node here, and the session that exports the snapshot from which it begins: the snapshot has
/// exactly what the slot does not send. It lasts until the session ends, or runs another command
/// (<see href="https://www.postgresql.org/docs/current/protocol-replication.html"/>).
/// </summary>
internal sealed class SnapshotExport : IAsyncDisposable
{
    private readonly LogicalReplicationConnection connection;

    private SnapshotExport(LogicalReplicationConnection connection, string snapshot) =>
        (this.connection, Snapshot) = (connection, snapshot);

    /// <summary>The snapshot's name.</summary>
    public string Snapshot { get; }

    /// <summary>
    /// Makes the slot, which waits for transactions that are open. Npgsql's exceptions propagate.
    /// </summary>
    /// <param name="conninfo">This node.</param>
    /// <param name="self">Its NodeID.</param>
    /// <param name="node">The joining node.</param>
    /// <param name="cancel">Cancels the call. A session that waits in the server is ended by whoever cancels.</param>
    public static async Task<SnapshotExport> CreateAsync(Conninfo conninfo, int self, int node, CancellationToken cancel)
    {
        // Hosts are tried in turn.
        for (var i = 0; ; i++)
        {
            var settings = conninfo.For(conninfo.Hosts[i]).ToNpgsql();
            settings.ApplicationName = ObjectNames.Subscription(node, self) + "_snapshot";
            settings.Timeout = conninfo.Get("connect_timeout") is null ? 5 : settings.Timeout;
            SessionDefaults.Pin(settings);
            var connection = new LogicalReplicationConnection(settings.ConnectionString);
            try
            {
                await connection.Open(cancel);
            }
            catch (Exception e)
            {
                await connection.DisposeAsync();
                if (i + 1 == conninfo.Hosts.Count || !PostgresErrors.IsFromServer(e))
                    throw;
                continue;
            }

            try
            {
                var slot = await connection.CreatePgOutputReplicationSlot(
                    ObjectNames.Subscription(node, self),
                    slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export,
                    cancellationToken: cancel
                );
                return new SnapshotExport(
                    connection,
                    slot.SnapshotName ?? throw new NpgsqlException("The server exported no snapshot with the slot.")
                );
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
