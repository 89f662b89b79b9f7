using System.Collections.Concurrent;
using Traktor.Engine;
using Traktor.Engine.Replicasets;
using Traktor.Web.Peers;

namespace Traktor.Web.Live.Mesh;

/// <summary>
/// Watches the mesh for all open pages, and only while one is open: it reads the own arbiter from memory and every
/// other arbiter by REST once a second, each independently, so that one that hangs delays no other. When an arbiter
/// does not answer, its last data are kept with the time of the last contact.
/// </summary>
public sealed class MeshWatch(Arbiter arbiter, NodeClients clients, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SlowInterval = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, NodeSeen> _peers = new();
    private readonly BackgroundReads _reads = new(time);
    private readonly HashSet<Func<Task>> _followers = [];
    private IReadOnlyList<ReplicasetTable>? _ownTables;
    private Task _loop = Task.CompletedTask;
    private bool _isWatching;

    /// <summary>The mesh as it is known now, from memory.</summary>
    public MeshView Look()
    {
        var status = arbiter.Status;
        var own = new NodeSeen(
            arbiter.Settings.NodeId,
            true,
            arbiter.Settings.ArbiterUrl,
            status,
            arbiter.Subscriptions,
            status is { IsReachable: true, IsInitialized: true } ? _ownTables : null,
            status.AsOf
        );
        return new MeshView(own.Node, [.. _peers.Values.Append(own).OrderBy(node => node.Node)]);
    }

    /// <summary>Calls <paramref name="changed"/> about once a second until the result is disposed of.</summary>
    public IDisposable Follow(Func<Task> changed)
    {
        lock (_gate)
        {
            _followers.Add(changed);
            if (!_isWatching && !_stop.IsCancellationRequested)
            {
                _isWatching = true;
                _loop = Task.Run(RunAsync);
            }
        }

        return new Following(this, changed);
    }

    /// <summary>Reads all nodes again immediately, after a change.</summary>
    public async Task RefreshAsync()
    {
        _reads.Expire();
        Ask();
        await _reads.WhenAll();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reads.WhenAll(), _loop);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Func<Task>[] followers;
                lock (_gate)
                {
                    followers = [.. _followers];
                    if (followers.Length == 0)
                    {
                        // Under the lock: a follower that is added after this starts a new loop.
                        _isWatching = false;
                        return;
                    }
                }

                Ask();
                // Each on its own task: one that fails must not end the watch for all pages.
                foreach (var follower in followers)
                    _ = Task.Run(follower);
            } while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Ask()
    {
        Start("nodes", SlowInterval, ReadNodesAsync);
        if (arbiter.Status is { IsReachable: true, IsInitialized: true })
            Start("own", SlowInterval, async cancel => _ownTables = await arbiter.ReplicasetAsync(cancel));
        foreach (var peer in _peers.Values)
        {
            Start($"status {peer.Node}", TimeSpan.Zero, cancel => ReadPeerAsync(peer.Node, cancel));
            Start($"tables {peer.Node}", SlowInterval, cancel => ReadTablesAsync(peer.Node, cancel));
        }
    }

    private void Start(string what, TimeSpan interval, Func<CancellationToken, Task> read) =>
        _reads.Start(what, interval, () => read(_stop.Token));

    private async Task ReadNodesAsync(CancellationToken cancel)
    {
        if (arbiter.Status is not { IsReachable: true, IsInitialized: true })
            return;
        var known = (await arbiter.MeshAsync(cancel)).Nodes.Where(node => !node.IsSelf).ToList();
        foreach (var node in known)
        {
            var url =
                Uri.TryCreate(node.ArbiterUrl, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? parsed : null;
            clients.Learn(node.Node, url);
            _peers.AddOrUpdate(
                node.Node,
                _ => new NodeSeen(node.Node, false, url),
                (_, seen) => seen.Url == url ? seen : seen with { Url = url }
            );
        }

        foreach (var gone in _peers.Keys.Except(known.Select(node => node.Node)))
            _peers.TryRemove(gone, out _);
    }

    private async Task ReadPeerAsync(int node, CancellationToken cancel)
    {
        try
        {
            var client = clients.Reader(node);
            var status = client.StatusAsync(cancel);
            var subscriptions = client.SubscriptionsAsync(cancel);
            await Task.WhenAll(status, subscriptions);
            Note(
                node,
                seen =>
                    seen with
                    {
                        Status = status.Result,
                        Subscriptions = subscriptions.Result,
                        LastContactAt = time.GetUtcNow(),
                        Problem = null,
                    }
            );
        }
        catch (RefusedException e)
        {
            Note(node, seen => seen with { Problem = e.Message });
        }
    }

    private async Task ReadTablesAsync(int node, CancellationToken cancel)
    {
        var tables = await clients.Reader(node).ReplicasetAsync(cancel);
        Note(node, seen => seen with { Tables = tables });
    }

    private void Note(int node, Func<NodeSeen, NodeSeen> change)
    {
        // Only nodes that are still known: a late answer must not restore a node that has left.
        while (_peers.TryGetValue(node, out var seen) && !_peers.TryUpdate(node, change(seen), seen)) { }
    }

    private sealed class Following(MeshWatch watch, Func<Task> changed) : IDisposable
    {
        public void Dispose()
        {
            lock (watch._gate)
                watch._followers.Remove(changed);
        }
    }
}
