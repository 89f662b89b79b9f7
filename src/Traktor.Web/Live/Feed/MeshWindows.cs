using Traktor.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>The windows of all nodes and their readers, guarded by one lock that is held briefly.</summary>
internal sealed class MeshWindows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, NodeWindow> _windows = [];
    private readonly HashSet<MeshReader> _readers = [];

    /// <summary>The number of readers.</summary>
    public int Readers
    {
        get
        {
            lock (_gate)
                return _readers.Count;
        }
    }

    /// <summary>A new window for a node; it replaces the old one.</summary>
    public NodeWindow Open(int node)
    {
        lock (_gate)
            return _windows[node] = new NodeWindow(node);
    }

    /// <summary>Changes a window and wakes the readers; does nothing when the window was replaced.</summary>
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

    /// <summary>Removes a node.</summary>
    public void Close(NodeWindow window)
    {
        lock (_gate)
            if (_windows.GetValueOrDefault(window.Node) == window && _windows.Remove(window.Node))
                Wake();
    }

    /// <summary>A new reader; it first receives what is held.</summary>
    public MeshReader Listen(FeedRequest request)
    {
        var reader = new MeshReader(this, request);
        lock (_gate)
            _readers.Add(reader);
        return reader;
    }

    /// <summary>Conflicts per minute; the last count is the present minute.</summary>
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
