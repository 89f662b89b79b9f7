using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>
/// The loop that continues with tables that are being opened: each opens as soon as its peers have it.
/// </summary>
public sealed partial class ReplicasetWorker(LocalNode local, TableOpener opener, TimeProvider time, ILogger<ReplicasetWorker> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, TickAsync, cancel);

    private async Task TickAsync(CancellationToken cancel)
    {
        try
        {
            await using var connection = await local.OpenAsync(cancel);
            while (await opener.AdvanceAsync(connection, cancel))
            {
                // One step may make the next one possible.
            }
        }
        catch (RefusedException)
        {
            // Down or not initialised: the node's monitor reports that.
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            LogTickFailed(log, PostgresErrors.InWords(e));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
    }

    [LoggerMessage(310, LogLevel.Warning, "Opening the replicaset's tables failed and will be retried: {Reason}")]
    private static partial void LogTickFailed(ILogger log, string reason);

    [LoggerMessage(311, LogLevel.Error, "Opening the replicaset's tables failed ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
