using Traktor.Engine.Workers;

namespace Traktor.Engine.Audit;

/// <summary>
/// The loop that writes outcomes that the server did not take at first, and deletes old entries of the audit log: this
/// node's, and its copies of the others'.
/// </summary>
/// <param name="audit">The log.</param>
/// <param name="recorder">Has the outcomes.</param>
/// <param name="retention">How long entries are kept; zero for ever.</param>
/// <param name="worker">Runs the rounds.</param>
/// <param name="time">The clock.</param>
public sealed class AuditUpkeep(AuditLog audit, AuditRecorder recorder, TimeSpan retention, Worker worker, TimeProvider time)
{
    private const int Batch = 5000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);

    private DateTimeOffset purgedAt = DateTimeOffset.MinValue;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, stop => worker.TryAsync(RoundAsync, stop), cancel);

    /// <summary>Deletes everything that is too old. Npgsql's exceptions propagate.</summary>
    internal async Task PurgeAsync(CancellationToken cancel)
    {
        var before = time.GetUtcNow() - retention;
        while (await audit.PurgeAsync(before, Batch, cancel) == Batch) { }
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        await recorder.FlushAsync(cancel);
        var now = time.GetUtcNow();
        if (retention == TimeSpan.Zero || now - purgedAt < PurgeInterval)
            return;
        await PurgeAsync(cancel);
        purgedAt = now;
    }
}
