using System.Threading.Channels;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>One reader's position in the windows. Not thread-safe.</summary>
public sealed class MeshReader : IDisposable
{
    private readonly MeshWindows _windows;
    private readonly FeedRequest _request;
    private readonly Dictionary<int, Seen> _seen = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    internal MeshReader(MeshWindows windows, FeedRequest request)
    {
        (_windows, _request) = (windows, request);
        Wake();
    }

    /// <summary>Waits until there may be something to take.</summary>
    public async Task WaitAsync(CancellationToken cancel) => await _signal.Reader.ReadAsync(cancel);

    /// <summary>
    /// Everything that has changed since the last call, a message for each node; read under one lock.
    /// </summary>
    public IReadOnlyList<FeedMessage> Take() =>
        _windows.Look(windows =>
        {
            List<FeedMessage> messages = [];
            foreach (var gone in _seen.Keys.Where(node => !windows.ContainsKey(node)).ToList())
            {
                _seen.Remove(gone);
                messages.Add(new FeedMessage(FeedKind.Removed, gone, [], null, false, null, null));
            }

            foreach (
                var (node, window) in windows.Where(pair => _request.Node is null || _request.Node == pair.Key).OrderBy(pair => pair.Key)
            )
                if (Next(node, window) is { } message)
                    messages.Add(message);
            return messages;
        });

    public void Dispose() => _windows.Leave(this);

    internal void Wake() => _signal.Writer.TryWrite(true);

    private FeedMessage? Next(int node, NodeWindow window)
    {
        // A node that left and came back has a new window.
        var seen = _seen.TryGetValue(node, out var last) && last.Window == window ? last : new Seen(window, 0, false);
        if (seen.Version == window.Version)
            return null;
        _seen[node] = new Seen(window, window.Version, window.IsLoaded);
        if (!window.IsLoaded || seen.IsLoaded)
            return window.Since(seen.Version);
        return _request.Positions?.TryGetValue(node, out var text) == true && FeedPosition.Parse(text) is { } position
            ? window.After(position)
            : window.Snapshot(gap: false);
    }

    private sealed record Seen(NodeWindow Window, long Version, bool IsLoaded);
}
