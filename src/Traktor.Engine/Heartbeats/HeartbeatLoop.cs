using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Heartbeats;

/// <summary>The loop that sends this node's heartbeats. It survives server failures and logs a problem once.</summary>
/// <param name="local">This node.</param>
/// <param name="interval">Time between two heartbeats.</param>
/// <param name="round">What must be done before a heartbeat is sent; null when nothing must.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class HeartbeatLoop(
    LocalNode local,
    TimeSpan interval,
    IHeartbeatRound? round,
    TimeProvider time,
    ILogger<HeartbeatLoop> log
)
{
    private string last = "";

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(interval, time, BeatAsync, cancel);

    private async Task BeatAsync(CancellationToken cancel)
    {
        try
        {
            var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
            await using var _ = connection;
            if (!identity.IsCurrent)
                return;
            var begun = await HeartbeatSender.BeginAsync(connection, local.NodeId, cancel);
            var isProcessed = round is null || await round.ProcessAsync(cancel);
            await HeartbeatSender.SendAsync(connection, begun, isProcessed, cancel);
            last = "";
        }
        catch (RefusedException)
        {
            // Down or not initialised: the node's monitor reports that.
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            // The node was uninitialised in the meantime.
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            if (PostgresErrors.InWords(e) is var words && words != last)
                LogFailed(log, words);
            last = PostgresErrors.InWords(e);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
    }

    [LoggerMessage(330, LogLevel.Warning, "The heartbeat failed and will be retried: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(331, LogLevel.Error, "The heartbeat failed ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
