namespace Traktor.Engine.Heartbeats;

/// <summary>The number of the last heartbeat that a node has applied from each other node.</summary>
public sealed class NodeVector(IReadOnlyList<int> nodes, IReadOnlyList<long> numbers)
{
    /// <summary>The NodeIDs in the vector.</summary>
    public IReadOnlyList<int> Nodes { get; } = nodes;

    /// <summary>The number of a node's last applied heartbeat; less than any number when none was.</summary>
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
