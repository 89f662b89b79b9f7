namespace Traktor.Engine.Heartbeats;

/// <summary>
/// The heartbeats that a node has sent and received, and what follows from them. Counts transactions and heartbeats, and
/// asks no clock: clocks jump.
/// </summary>
/// <param name="self">NodeID of this node.</param>
/// <param name="nodes">NodeIDs of the whole mesh, this one included.</param>
public sealed class HeartbeatLog(int self, IReadOnlyList<int> nodes)
{
    private readonly Dictionary<int, List<Heartbeat>> received = nodes.ToDictionary(node => node, _ => new List<Heartbeat>());

    /// <summary>Adds one, in the order of its sender's stream. Heartbeats of a node that is not of the mesh are passed over.</summary>
    public void Add(Heartbeat heartbeat)
    {
        if (received.TryGetValue(heartbeat.Node, out var list))
            list.Add(heartbeat);
    }

    /// <summary>
    /// Number of the last heartbeat of <paramref name="origin"/> that every other node is known, from its own stream,
    /// to have applied; null when there is none.
    /// </summary>
    public long? Acknowledged(int origin)
    {
        var least = long.MaxValue;
        foreach (var node in nodes)
        {
            if (node == origin)
                continue;
            var last = node == self ? Last(origin)?.Seq : Last(node)?.Vector[origin];
            if (last is null or long.MinValue)
                return null;
            least = Math.Min(least, last.Value);
        }

        return least == long.MaxValue ? Last(origin)?.Seq : least;
    }

    /// <summary>
    /// The stable xid: everybody has every version of a row here whose xmin is older than this transaction, and whoever
    /// changes such a version has seen it. Null when nothing is known to be everywhere.
    /// </summary>
    public ulong? StableXid()
    {
        ulong? stable = null;
        foreach (var origin in nodes)
        {
            if (Acknowledged(origin) is not { } seq || Find(origin, seq) is not { } heartbeat)
                return null;
            if (stable is null || heartbeat.Xid < stable)
                stable = heartbeat.Xid;
        }

        return stable;
    }

    /// <summary>
    /// Whether everybody has processed what this node sent before its heartbeat <paramref name="touched"/>, and
    /// everything that anybody sent before it had done so is applied everywhere: nothing can arrive any more that was
    /// made in ignorance of it.
    /// </summary>
    public bool IsAcknowledged(long touched)
    {
        foreach (var node in nodes)
        {
            if (node == self)
                continue;
            if (First(node, touched) is not { } first)
                return false;
            foreach (var other in nodes)
                if (other != node && other != self && (Last(other) is not { } last || last.Vector[node] < first.Seq))
                    return false;
        }

        return true;
    }

    /// <summary>
    /// The last heartbeat of this node's own for which <see cref="IsAcknowledged"/> is true, and with it for all
    /// before; -1 when there is none.
    /// </summary>
    public long LastAcknowledged()
    {
        var (acknowledged, last) = (-1L, Acknowledged(self) ?? -1);
        while (acknowledged < last)
        {
            var middle = acknowledged + ((last - acknowledged + 1) / 2);
            (acknowledged, last) = IsAcknowledged(middle) ? (middle, last) : (acknowledged, middle - 1);
        }

        return acknowledged;
    }

    private Heartbeat? Last(int node) => received.TryGetValue(node, out var list) && list.Count > 0 ? list[^1] : null;

    /// <summary>
    /// The last heartbeat of <paramref name="node"/> up to one: those between may have been pruned, which makes the
    /// stable xid older and never younger.
    /// </summary>
    private Heartbeat? Find(int node, long seq)
    {
        var list = received[node];
        for (var i = list.Count - 1; i >= 0; i--)
            if (list[i].Seq <= seq)
                return list[i];
        return null;
    }

    /// <summary>The first heartbeat of <paramref name="node"/> that acknowledges one of this node's.</summary>
    private Heartbeat? First(int node, long own)
    {
        Heartbeat? first = null;
        var list = received[node];
        for (var i = list.Count - 1; i >= 0 && list[i].Vector[self] >= own; i--)
            first = list[i];
        return first;
    }
}
