using System.Data.Common;
using Traktor.Engine;
using Traktor.Engine.Replicasets;

namespace Traktor.Web.Live;

/// <summary>
/// Looks at this node for all open pages together. The status costs nothing; what has to be asked of PostgreSQL is asked in the background,
/// at most once in its interval however many pages are open, and a page never waits for it.
/// </summary>
public sealed class NodeWatch(Arbiter arbiter)
{
    private static readonly TimeSpan TablesInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PreflightInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Slow<IReadOnlyList<ReplicasetTable>> _tables = new(TablesInterval, arbiter.ReplicasetAsync);

    private readonly Slow<IReadOnlyList<Finding>> _findings = new(
        PreflightInterval,
        async cancel => [.. (await arbiter.PreflightAsync(cancel)).Findings.Where(f => f.Severity != Severity.Ok)]);

    /// <summary>The node as far as it is known now.</summary>
    public NodeView Look()
    {
        var status = arbiter.Status;
        return new NodeView(
            status,
            status is { IsReachable: true, IsInitialized: true } ? _tables.Latest() : null,
            status.IsReachable ? _findings.Latest() : null);
    }

    private sealed class Slow<T>(TimeSpan interval, Func<CancellationToken, Task<T>> ask)
        where T : class
    {
        private readonly Lock _gate = new();
        private T? _latest;
        private Task? _asking;
        private long _asked;

        public T? Latest()
        {
            lock (_gate)
            {
                var isDue = _asked == 0 || System.Diagnostics.Stopwatch.GetElapsedTime(_asked) > interval;
                if (isDue && _asking is not { IsCompleted: false })
                {
                    _asked = System.Diagnostics.Stopwatch.GetTimestamp();
                    _asking = Task.Run(AskAsync);
                }

                return _latest;
            }
        }

        private async Task AskAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                _latest = await ask(patience.Token);
            }
            catch (Exception e) when (e is RefusedException or DbException or TimeoutException or OperationCanceledException)
            {
                // The status says already that PostgreSQL cannot be asked.
                _latest = null;
            }
        }
    }
}
