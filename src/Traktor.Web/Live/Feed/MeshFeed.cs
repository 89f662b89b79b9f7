using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Peers;

namespace Traktor.Web.Live.Feed;

/// <summary>
/// The live conflicts of the whole mesh, shared by all pages and listeners of this arbiter: one connection to each
/// other arbiter, and none without listeners. The data of an arbiter that does not answer are kept.
/// </summary>
public sealed class MeshFeed(MeshWatch watch, NodeClients clients, TimeProvider time) : IConflictFeed, IAsyncDisposable
{
    // A listener that reconnects within this time finds what was held.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private readonly MeshWindows _windows = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (NodeWindow Window, CancellationTokenSource Stop, Task Loop)> _followers = [];
    private IDisposable? _watching;
    private DateTimeOffset _listenedTo;
    private bool _isDisposed;

    public MeshReader Listen(FeedRequest request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var reader = _windows.Listen(request);
            _listenedTo = time.GetUtcNow();
            _watching ??= watch.Follow(LookAsync);
            Reconcile();
            return reader;
        }
    }

    public IReadOnlyList<long> Minutes(int? node, Func<string, ConflictType, bool> counts) =>
        _windows.Minutes(time.GetUtcNow(), node, counts);

    public Task<ConflictPage> ReadAsync(int node, HistoryFilter filter, CancellationToken cancel) =>
        clients.Reader(node).ConflictsAsync(filter, cancel);

    public async ValueTask DisposeAsync()
    {
        List<Task> loops;
        lock (_gate)
        {
            _isDisposed = true;
            loops = StopAll();
        }

        await Task.WhenAll(loops);
    }

    /// <summary>Called once a second.</summary>
    private Task LookAsync()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_windows.Readers > 0)
                _listenedTo = now;
            if (_isDisposed)
                return Task.CompletedTask;
            if (now - _listenedTo > Linger)
                StopAll();
            else
                Reconcile();
        }

        return Task.CompletedTask;
    }

    /// <summary>A follower for each known node, and none for one that has left.</summary>
    private void Reconcile()
    {
        var known = watch.Look().Nodes.Select(node => node.Node).ToHashSet();
        foreach (var gone in _followers.Keys.Where(node => !known.Contains(node)).ToList())
            _ = End(gone);
        foreach (var node in known.Where(node => !_followers.ContainsKey(node)))
        {
            var stop = new CancellationTokenSource();
            var window = _windows.Open(node);
            _followers[node] = (window, stop, Task.Run(() => new NodeFollower(window, clients, _windows, time).RunAsync(stop.Token)));
        }
    }

    private List<Task> StopAll()
    {
        _watching?.Dispose();
        _watching = null;
        return [.. _followers.Keys.ToList().Select(End)];
    }

    private async Task End(int node)
    {
        _followers.Remove(node, out var follower);
        _windows.Close(follower.Window);
        await follower.Stop.CancelAsync();
        await follower.Loop;
        follower.Stop.Dispose();
    }
}
