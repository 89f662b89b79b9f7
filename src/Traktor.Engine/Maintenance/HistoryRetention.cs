using Dapper;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// The loop that deletes old resolved conflicts in small batches, each in its own transaction. Waiting conflicts are
/// never deleted.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="retention">How long they are kept after they were resolved; zero for ever.</param>
/// <param name="worker">Runs the rounds.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class HistoryRetention(
    LocalNode local,
    TimeSpan retention,
    Worker worker,
    TimeProvider time,
    ILogger<HistoryRetention> log
)
{
    private const int Batch = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs until cancelled, immediately and then every hour. If the server is down or the node is not initialised, it
    /// tries again sooner.
    /// </summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (retention > TimeSpan.Zero && !cancel.IsCancellationRequested)
            await Loop.RestAsync(await worker.TryAsync(DeleteAsync, cancel) ? Interval : RetryInterval, time, cancel);
    }

    /// <summary>
    /// Deletes everything that is too old and returns the number of conflicts. Npgsql's exceptions propagate.
    /// </summary>
    internal async Task<long> PurgeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        var parameters = new { before = (time.GetUtcNow() - retention).UtcDateTime, limit = Batch };
        var total = 0L;
        foreach (var statement in new[] { "Maintenance/purge_history.sql", "Maintenance/purge_transactions.sql" })
        {
            long deleted;
            do
            {
                deleted = await connection.ExecuteScalarAsync<long>(
                    new CommandDefinition(SqlFile.Read(statement), parameters, commandTimeout: 60, cancellationToken: cancel)
                );
                total += statement.EndsWith("history.sql", StringComparison.Ordinal) ? deleted : 0;
            } while (deleted > 0);
        }

        return total;
    }

    private async Task DeleteAsync(CancellationToken cancel)
    {
        if (await PurgeAsync(cancel) is > 0 and var purged)
            LogPurged(log, purged, retention.TotalDays);
    }

    [LoggerMessage(410, LogLevel.Information, "Deleted {Count} conflicts from the history that were resolved more than {Days} days ago")]
    private static partial void LogPurged(ILogger log, long count, double days);
}
