using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Marks;

/// <summary>The loop around <see cref="MarkKeeper"/>.</summary>
public sealed partial class MarkWorker(LocalNode local, TimeProvider time, ILogger<MarkWorker> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClearEvery = TimeSpan.FromSeconds(10);

    private readonly MarkKeeper keeper = new(local);
    private string last = "";
    private DateTimeOffset nextClearing;

    /// <summary>Runs until cancelled; a server that is down, or a node that is not initialised, is tried again.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await TickAsync(cancel);
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The arbiter is being stopped.
        }
    }

    private async Task TickAsync(CancellationToken cancel)
    {
        try
        {
            var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
            await using var _ = connection;
            if (identity.SchemaVersion != Schema.SchemaVersion.Current)
                return;
            Tell(string.Join("; ", await keeper.KeepAsync(connection, cancel)));
            if (time.GetUtcNow() < nextClearing)
                return;
            nextClearing = time.GetUtcNow() + ClearEvery;
            await MarkKeeper.ClearAsync(connection, cancel);
        }
        catch (RefusedException)
        {
            // Down, or not initialised: the node's monitor says so.
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            Tell(PostgresErrors.InWords(e));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
    }

    private void Tell(string problem)
    {
        if (problem.Length > 0 && problem != last)
            LogFailed(log, problem);
        last = problem;
    }

    [LoggerMessage(320, LogLevel.Warning, "Marking own transactions is not as it should be, and tried again: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(321, LogLevel.Error, "Looking after the marks failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
