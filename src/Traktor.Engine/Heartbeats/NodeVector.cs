namespace Traktor.Engine.Heartbeats;

/// <summary>The last heartbeat that a node has applied from each other node, by number.</summary>
public sealed class NodeVector(IReadOnlyList<int> nodes, IReadOnlyList<long> numbers)
{
    /// <summary>The NodeIDs that are named.</summary>
    public IReadOnlyList<int> Nodes { get; } = nodes;

    /// <summary>The number of a node's last heartbeat; less than any when it was not received.</summary>
    public long this[int node]
    {
        get
        {
            for (var i = 0; i < Nodes.Count; i++)
                if (Nodes[i] == node)
                    return numbers[i];
            return long.MinValue;
        }
    }
}
