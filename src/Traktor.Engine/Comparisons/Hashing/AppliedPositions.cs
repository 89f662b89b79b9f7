using Traktor.Engine.Heartbeats;

namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>How far a node has sent, applied and processed, in numbers of heartbeats.</summary>
/// <param name="Node">The node.</param>
/// <param name="Sent">The number of its own last heartbeat.</param>
/// <param name="Applied">For each other node the last heartbeat before which this one has applied and processed
/// everything, and said so in its own stream.</param>
/// <param name="ReceivesFrom">The nodes that it receives from.</param>
public sealed record AppliedPositions(int Node, long Sent, IReadOnlyDictionary<int, long> Applied, IReadOnlyList<int> ReceivesFrom)
{
    /// <summary>The positions that follow from the node's heartbeats.</summary>
    public static AppliedPositions Of(HeartbeatSnapshot snapshot, IReadOnlyList<int> receivesFrom)
    {
        var vector = snapshot.LastSent();
        return new AppliedPositions(
            snapshot.Node,
            snapshot
                .Received.Where(heartbeat => heartbeat.Node == snapshot.Node)
                .Select(heartbeat => heartbeat.Seq)
                .DefaultIfEmpty(-1)
                .Max(),
            vector.Nodes.ToDictionary(node => node, node => vector[node]),
            receivesFrom
        );
    }
}
