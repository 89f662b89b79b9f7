using Dapper;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// The loop that deletes resolved conflicts when they are old: in small batches, each a transaction of its own. What
/// waits is never deleted.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="retention">How long they are kept after they were resolved; zero for ever.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class HistoryRetention(LocalNode local, TimeSpan retention, TimeProvider time, ILogger<HistoryRetention> log)
{
    private const int Batch = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs until cancelled: at once, then every hour; a server that is down, or a node that is not initialised, is
    /// tried again sooner.
    /// </summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (retention > TimeSpan.Zero && !cancel.IsCancellationRequested)
        {
            var isDone = await TryPurgeAsync(cancel);
            await Task.Delay(isDone ? Interval : RetryInterval, time, cancel)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Deletes all that is too old, and returns how many conflicts that were. Throws what Npgsql throws.</summary>
    internal async Task<long> PurgeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        var parameters = new { before = (time.GetUtcNow() - retention).UtcDateTime, limit = Batch };
        var total = 0L;
        foreach (var statement in new[] { "Maintenance/purge_history.sql", "Maintenance/purge_transactions.sql" })
        {
            long gone;
            do
            {
                gone = await connection.ExecuteScalarAsync<long>(
                    new CommandDefinition(SqlFile.Read(statement), parameters, commandTimeout: 60, cancellationToken: cancel)
                );
                total += statement.EndsWith("history.sql", StringComparison.Ordinal) ? gone : 0;
            } while (gone > 0);
        }

        return total;
    }

    private async Task<bool> TryPurgeAsync(CancellationToken cancel)
    {
        try
        {
            if (await PurgeAsync(cancel) is > 0 and var purged)
                LogPurged(log, purged, retention.TotalDays);
            return true;
        }
        catch (RefusedException)
        {
            // Down, or not initialised: the node's monitor says so.
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            LogPurgeFailed(log, PostgresErrors.InWords(e));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
        catch (OperationCanceledException)
        {
            // The arbiter is being stopped.
        }

        return false;
    }

    [LoggerMessage(
        410,
        LogLevel.Information,
        "{Count} conflicts that were resolved more than {Days} days ago are deleted from the history"
    )]
    private static partial void LogPurged(ILogger log, long count, double days);

    [LoggerMessage(411, LogLevel.Warning, "Deleting old conflicts from the history failed and is tried again: {Reason}")]
    private static partial void LogPurgeFailed(ILogger log, string reason);

    [LoggerMessage(412, LogLevel.Error, "Deleting old conflicts from the history failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
