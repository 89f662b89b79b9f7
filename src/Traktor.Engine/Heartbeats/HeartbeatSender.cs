using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Heartbeats;

/// <summary>
/// The two halves of a heartbeat: before the round, what was applied; after it, the heartbeat that says so, and the
/// stable xid that follows from all that was received.
/// </summary>
public static class HeartbeatSender
{
    /// <summary>The stamp of a row that waits for its node's first heartbeat: older than any.</summary>
    private static readonly DateTime NeverWritten = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>To be called at the beginning of a round; makes the rows that are missing. Throws what Npgsql throws.</summary>
    public static async Task<Pulse> BeginAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        var pulse = await Pulse.ReadAsync(connection, node, cancel);
        foreach (var missing in pulse.WithoutRow)
            await TryMakeRowAsync(connection, node, missing, cancel);
        return pulse;
    }

    /// <summary>
    /// To be called at the end of that round, in one transaction of its own. Returns the number of the heartbeat; null
    /// when there is no row yet to send one with.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="begun">What was known when the round began.</param>
    /// <param name="isProcessed">Whether all that had been applied by then has been looked at; otherwise the heartbeat's
    /// vector is the one that was sent last.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<long?> SendAsync(NpgsqlConnection connection, Pulse begun, bool isProcessed, CancellationToken cancel)
    {
        var log = begun.ToLog();
        var said = isProcessed ? begun.Applied() : begun.Said();
        var vector = JsonSerializer.Serialize(
            said.Nodes.ToDictionary(node => node.ToString(CultureInfo.InvariantCulture), node => said[node])
        );
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var seq = await connection.ExecuteScalarAsync<long?>(
            new CommandDefinition(
                SqlFile.Read("Heartbeats/send_heartbeat.sql"),
                new { node = begun.Node, vector },
                cancellationToken: cancel
            )
        );
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Heartbeats/write_stable_xid.sql"),
                new { stable = log.StableXid()?.ToString(CultureInfo.InvariantCulture) },
                cancellationToken: cancel
            )
        );
        var acknowledged = begun
            .Members.Select(member => (Node: member, Seq: log.Acknowledged(member)))
            .Where(pair => pair.Seq is not null)
            .ToList();
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Heartbeats/prune_receipts.sql"),
                new
                {
                    members = begun.Members.ToArray(),
                    nodes = acknowledged.Select(pair => pair.Node).ToArray(),
                    acknowledged = acknowledged.Select(pair => pair.Seq!.Value).ToArray(),
                },
                cancellationToken: cancel
            )
        );
        await transaction.CommitAsync(cancel);
        return seq;
    }

    /// <summary>
    /// An update of a row that is not there is lost silently. The row is written under an origin of our own, so that it
    /// is not sent to anybody: only heartbeats travel, and those only update.
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
            // Somebody writes under that origin just now: the next round makes it.
        }
    }
}
