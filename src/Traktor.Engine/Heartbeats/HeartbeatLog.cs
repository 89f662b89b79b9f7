namespace Traktor.Engine.Heartbeats;

/// <summary>
/// The heartbeats that a node has sent and received, and what follows from them. It compares transactions and
/// heartbeats, not clocks, because clocks can jump.
/// </summary>
/// <param name="self">NodeID of this node.</param>
/// <param name="nodes">NodeIDs of the whole mesh, including this node.</param>
public sealed class HeartbeatLog(int self, IReadOnlyList<int> nodes)
{
    private readonly Dictionary<int, List<Heartbeat>> received = nodes.ToDictionary(node => node, _ => new List<Heartbeat>());

    /// <summary>
    /// Adds a heartbeat, in the order of its sender's stream. Heartbeats of nodes outside the mesh are ignored.
    /// </summary>
    public void Add(Heartbeat heartbeat)
    {
        if (received.TryGetValue(heartbeat.Node, out var list))
            list.Add(heartbeat);
    }

    /// <summary>
    /// The last heartbeat of <paramref name="origin"/> that every other node has applied, as its own stream shows; null
    /// when there is none.
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
    /// The stable xid: every node has all row versions with an older xmin, and a node that changes such a version has
    /// seen it. Null when none is known.
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
    /// Whether every node has processed what this node sent before its heartbeat <paramref name="touched"/>, and
    /// everything that any node sent before doing so is applied on every node. No change can then arrive whose writer
    /// had not seen it.
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
    /// This node's last heartbeat for which <see cref="IsAcknowledged"/> is true, and with it all earlier ones; -1 when
    /// there is none.
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
    /// The last kept heartbeat of <paramref name="node"/> up to a number. Later ones may have been pruned, which makes
    /// the stable xid older, never younger.
    /// </summary>
    private Heartbeat? Find(int node, long seq)
    {
        var list = received[node];
        for (var i = list.Count - 1; i >= 0; i--)
            if (list[i].Seq <= seq)
                return list[i];
        return null;
    }

    /// <summary>The first heartbeat of <paramref name="node"/> that acknowledges a heartbeat of this node.</summary>
    private Heartbeat? First(int node, long own)
    {
        Heartbeat? first = null;
        var list = received[node];
        for (var i = list.Count - 1; i >= 0 && list[i].Vector[self] >= own; i--)
            first = list[i];
        return first;
    }
}
