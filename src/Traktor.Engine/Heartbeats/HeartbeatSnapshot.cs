using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Heartbeats;

/// <summary>A node's knowledge of the mesh's heartbeats at one moment.</summary>
/// <param name="Node">This node.</param>
/// <param name="Members">The nodes of the mesh in order, including this node.</param>
/// <param name="WithoutRow">Members whose row, which heartbeats update, does not exist yet.</param>
/// <param name="IsUrgent">Whether a node waits for the heartbeats of others: one that has said so in the last two
/// seconds, or this one.</param>
/// <param name="Received">The heartbeats applied or sent on this node, each node's in order.</param>
public sealed record HeartbeatSnapshot(
    int Node,
    IReadOnlyList<int> Members,
    IReadOnlyList<int> WithoutRow,
    bool IsUrgent,
    IReadOnlyList<Heartbeat> Received
)
{
    /// <summary>Reads the snapshot. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">Conflict: the node has no identity any more.</exception>
    public static async Task<HeartbeatSnapshot> ReadAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        using var json = JsonDocument.Parse(
            (
                await connection.QuerySingleAsync<string>(
                    new CommandDefinition(SqlFile.Read("Heartbeats/read_heartbeats.sql"), cancellationToken: cancel)
                )
            )!
        );
        var root = json.RootElement;
        // Without an identity nothing is known of any node. The next look finds a node that is not initialised.
        if (root.GetProperty("members").ValueKind == JsonValueKind.Null)
            throw RefusedException.Conflict($"Node {node} is not initialised.", "PUT /v1/arbiter/control initialises or mends it.");
        return new HeartbeatSnapshot(
            node,
            [.. root.GetProperty("members").EnumerateArray().Select(member => member.GetInt32())],
            [.. root.GetProperty("without_row").EnumerateArray().Select(member => member.GetInt32())],
            root.GetProperty("is_urgent").GetBoolean(),
            [.. root.GetProperty("received").EnumerateArray().Select(Read)]
        );
    }

    /// <summary>What this node has applied: the numbers of the other nodes' last heartbeats.</summary>
    public NodeVector Applied()
    {
        var last = Received
            .Where(heartbeat => heartbeat.Node != Node && Members.Contains(heartbeat.Node))
            .GroupBy(heartbeat => heartbeat.Node)
            .Select(heartbeats => (Node: heartbeats.Key, Seq: heartbeats.Max(heartbeat => heartbeat.Seq)))
            .OrderBy(pair => pair.Node)
            .ToList();
        return new NodeVector([.. last.Select(pair => pair.Node)], [.. last.Select(pair => pair.Seq)]);
    }

    /// <summary>The vector that this node sent last; empty before its first heartbeat.</summary>
    public NodeVector LastSent() => Received.LastOrDefault(heartbeat => heartbeat.Node == Node)?.Vector ?? new NodeVector([], []);

    /// <summary>The same as a <see cref="HeartbeatLog"/>.</summary>
    public HeartbeatLog ToLog()
    {
        var log = new HeartbeatLog(Node, Members);
        foreach (var heartbeat in Received)
            log.Add(heartbeat);
        return log;
    }

    private static Heartbeat Read(JsonElement row)
    {
        var entries = row.GetProperty("vector")
            .EnumerateObject()
            .Select(entry => (Node: int.Parse(entry.Name, CultureInfo.InvariantCulture), Seq: entry.Value.GetInt64()))
            .ToList();
        return new Heartbeat(
            row.GetProperty("node").GetInt32(),
            row.GetProperty("seq").GetInt64(),
            ulong.Parse(row.GetProperty("xid").GetString()!, CultureInfo.InvariantCulture),
            new NodeVector([.. entries.Select(entry => entry.Node)], [.. entries.Select(entry => entry.Seq)])
        );
    }
}
