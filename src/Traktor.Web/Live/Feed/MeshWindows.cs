using Traktor.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>What is held of every node, and who reads it; one lock guards all, and is held for moments only.</summary>
internal sealed class MeshWindows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, NodeWindow> _windows = [];
    private readonly HashSet<MeshReader> _readers = [];

    /// <summary>How many read.</summary>
    public int Readers
    {
        get
        {
            lock (_gate)
                return _readers.Count;
        }
    }

    /// <summary>Begins to hold a node, in place of what was held of it.</summary>
    public NodeWindow Open(int node)
    {
        lock (_gate)
            return _windows[node] = new NodeWindow(node);
    }

    /// <summary>Changes what is held, and wakes the readers; does nothing when it is not held any more.</summary>
    public void Change(NodeWindow window, Action change)
    {
        lock (_gate)
        {
            if (_windows.GetValueOrDefault(window.Node) != window)
                return;
            var before = window.Version;
            change();
            if (window.Version != before)
                Wake();
        }
    }

    /// <summary>Forgets a node.</summary>
    public void Close(NodeWindow window)
    {
        lock (_gate)
            if (_windows.GetValueOrDefault(window.Node) == window && _windows.Remove(window.Node))
                Wake();
    }

    /// <summary>Begins to read: what is held comes first.</summary>
    public MeshReader Listen(FeedRequest request)
    {
        var reader = new MeshReader(this, request);
        lock (_gate)
            _readers.Add(reader);
        return reader;
    }

    /// <summary>Conflicts a minute, the last being the present one.</summary>
    /// <param name="now">The present.</param>
    /// <param name="node">Only this node; null for all.</param>
    /// <param name="counts">Whether a table and a type count.</param>
    public long[] Minutes(DateTimeOffset now, int? node, Func<string, ConflictType, bool> counts)
    {
        var bars = new long[MinuteCounts.Length];
        lock (_gate)
            foreach (var (id, window) in _windows)
                if (node is null || node == id)
                    window.Minutes.AddTo(bars, now, counts);
        return bars;
    }

    internal T Look<T>(Func<IReadOnlyDictionary<int, NodeWindow>, T> look)
    {
        lock (_gate)
            return look(_windows);
    }

    internal void Leave(MeshReader reader)
    {
        lock (_gate)
            _readers.Remove(reader);
    }

    private void Wake()
    {
        foreach (var reader in _readers)
            reader.Wake();
    }
}
