using Microsoft.Extensions.Logging;
using Traktor.Engine.Maintenance;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Monitoring;

/// <summary>
/// The loop that checks this node's server twice a second: first <see cref="NodeMaintenance"/> does what is necessary,
/// then <see cref="NodeMonitor"/> reads the node's state. It survives server failures.
/// </summary>
public sealed partial class NodeLoop(
    LocalNode local,
    NodeMaintenance maintenance,
    NodeMonitor monitor,
    TimeProvider time,
    ILogger<NodeLoop> log
) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim gate = new(1);
    private readonly TaskCompletionSource hasLooked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed once the server was asked for the first time, whether it answered or not.</summary>
    public Task FirstLook => hasLooked.Task;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, LookAsync, cancel);

    /// <summary>
    /// Checks now, so that the next answer shows a change. Does not throw for errors of the server or the network.
    /// </summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            await using var connection = await local.OpenServerAsync(cancel);
            var asked = time.GetUtcNow();
            var seen = await local.LookAsync(connection, cancel);
            var answered = time.GetUtcNow();
            var subscriptions = await maintenance.MaintainAsync(connection, seen, cancel);
            await monitor.LookAsync(connection, new ServerLook(seen, asked, answered, maintenance.Problem), subscriptions, cancel);
        }
        catch (RefusedException e)
        {
            ReportUnreachable(e.Message);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            ReportUnreachable(PostgresErrors.ToRefusal(e, "this node's PostgreSQL").Message);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
        finally
        {
            hasLooked.TrySetResult();
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private void ReportUnreachable(string problem)
    {
        maintenance.Forget();
        monitor.ReportUnreachable(problem);
    }

    [LoggerMessage(103, LogLevel.Error, "Checking this node's server failed ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
