using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Heartbeats;

/// <summary>
/// The two halves of a heartbeat: at the start of a round it reads what has been applied; at the end it sends the
/// heartbeat that states so, and stores the stable xid that follows from all received heartbeats.
/// </summary>
public static class HeartbeatSender
{
    /// <summary>The stamp of a row that waits for its node's first heartbeat: older than any other.</summary>
    private static readonly DateTime NeverWritten = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Starts a round; creates missing rows. Npgsql's exceptions propagate.</summary>
    public static async Task<HeartbeatSnapshot> BeginAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        var snapshot = await HeartbeatSnapshot.ReadAsync(connection, node, cancel);
        foreach (var missing in snapshot.WithoutRow)
            await TryMakeRowAsync(connection, node, missing, cancel);
        return snapshot;
    }

    /// <summary>
    /// Ends the round, in a transaction of its own. Returns the number of the heartbeat; null when the node's row does
    /// not exist yet.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="begun">The snapshot from the start of the round.</param>
    /// <param name="processed">What has been processed since the last heartbeat; null when nothing new has been, and
    /// the heartbeat repeats the vector of the last one.</param>
    /// <param name="isUrgent">Whether this node waits for the heartbeats of the others.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task<long?> SendAsync(
        NpgsqlConnection connection,
        HeartbeatSnapshot begun,
        NodeVector? processed,
        bool isUrgent,
        CancellationToken cancel
    )
    {
        var log = begun.ToLog();
        var numbers = processed ?? begun.LastSent();
        var vector = JsonSerializer.Serialize(
            numbers.Nodes.ToDictionary(node => node.ToString(CultureInfo.InvariantCulture), node => numbers[node])
        );
        var acknowledged = begun
            .Members.Select(member => (Node: member, Seq: log.Acknowledged(member)))
            .Where(pair => pair.Seq is not null)
            .ToList();
        // One round trip, which is one transaction.
        return await connection.ExecuteScalarAsync<long?>(
            new CommandDefinition(
                string.Join(
                    ";\n",
                    SqlFile.Read("Heartbeats/write_stable_xid.sql"),
                    SqlFile.Read("Heartbeats/prune_receipts.sql"),
                    SqlFile.Read("Heartbeats/send_heartbeat.sql")
                ),
                new
                {
                    node = begun.Node,
                    vector,
                    isUrgent,
                    stable = log.StableXid()?.ToString(CultureInfo.InvariantCulture),
                    members = begun.Members.ToArray(),
                    nodes = acknowledged.Select(pair => pair.Node).ToArray(),
                    acknowledged = acknowledged.Select(pair => pair.Seq!.Value).ToArray(),
                },
                cancellationToken: cancel
            )
        );
    }

    /// <summary>
    /// Creates a missing row, because an update of a missing row would be lost silently. The row is written under a
    /// node origin and so is not replicated: only heartbeats replicate, and those only update.
    /// </summary>
    private static async Task TryMakeRowAsync(NpgsqlConnection connection, int self, int node, CancellationToken cancel)
    {
        try
        {
            await NodeOrigin.WriteAsync(
                connection,
                self,
                NeverWritten,
                () =>
                    connection.ExecuteAsync(
                        new CommandDefinition(
                            SqlFile.Read("Heartbeats/insert_heartbeat.sql"),
                            new { node, isSelf = node == self },
                            cancellationToken: cancel
                        )
                    ),
                cancel
            );
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.DuplicateObject)
        {
            // Another session is writing under that origin: the next round creates the row.
        }
    }
}
