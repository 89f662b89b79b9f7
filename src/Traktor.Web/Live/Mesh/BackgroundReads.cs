using System.Collections.Concurrent;
using Traktor.Engine;

namespace Traktor.Web.Live.Mesh;

/// <summary>Background reads, each at most once in its interval and never twice at the same time.</summary>
internal sealed class BackgroundReads(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _begun = new(StringComparer.Ordinal);

    /// <summary>Ends when the reads that run now have ended.</summary>
    public Task WhenAll() => Task.WhenAll(_running.Values);

    /// <summary>Lets every read start again without waiting for its interval.</summary>
    public void Expire() => _begun.Clear();

    /// <summary>Starts a read, unless it runs or its interval has not passed.</summary>
    public void Start(string what, TimeSpan interval, Func<Task> read)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_running.TryGetValue(what, out var running) && !running.IsCompleted)
                return;
            if (_begun.TryGetValue(what, out var last) && now - last < interval)
                return;
            _begun[what] = now;
            _running[what] = Task.Run(() => TryAsync(read));
        }
    }

    private static async Task TryAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException or System.Data.Common.DbException or TimeoutException)
        {
            // The old data stay; the status says what is wrong.
        }
    }
}
