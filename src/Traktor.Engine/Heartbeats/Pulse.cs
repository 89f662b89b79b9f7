using System.Globalization;
using System.Text.Json;
using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Heartbeats;

/// <summary>What a node knows of the mesh's heartbeats at one moment.</summary>
/// <param name="Node">This node.</param>
/// <param name="Members">The nodes of the mesh, this one included, in their order.</param>
/// <param name="WithoutRow">Members of which there is no row yet that a heartbeat could update.</param>
/// <param name="Received">The heartbeats that were applied or sent here, of each node in their order.</param>
public sealed record Pulse(int Node, IReadOnlyList<int> Members, IReadOnlyList<int> WithoutRow, IReadOnlyList<Heartbeat> Received)
{
    /// <summary>Reads it. Throws what Npgsql throws.</summary>
    public static async Task<Pulse> ReadAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        using var json = JsonDocument.Parse(
            (
                await connection.QuerySingleAsync<string>(
                    new CommandDefinition(SqlFile.Read("Heartbeats/read_heartbeats.sql"), cancellationToken: cancel)
                )
            )!
        );
        var root = json.RootElement;
        return new Pulse(
            node,
            [.. root.GetProperty("members").EnumerateArray().Select(member => member.GetInt32())],
            [.. root.GetProperty("without_row").EnumerateArray().Select(member => member.GetInt32())],
            [.. root.GetProperty("received").EnumerateArray().Select(Read)]
        );
    }

    /// <summary>What this node has applied: the numbers of the others' last heartbeats.</summary>
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

    /// <summary>What this node said last that it had applied; nothing before its first heartbeat.</summary>
    public NodeVector Said() => Received.LastOrDefault(heartbeat => heartbeat.Node == Node)?.Vector ?? new NodeVector([], []);

    /// <summary>The same as a log that can be asked.</summary>
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
