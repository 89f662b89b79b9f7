using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Detector;

/// <summary>The loop around <see cref="DetectorTriggers"/>: tables that come with a subscription get their triggers before its first row, all others, and whatever was changed by hand, from here.</summary>
public sealed partial class DetectorWorker(LocalNode local, TimeProvider time, ILogger<DetectorWorker> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string problems = "";

    /// <summary>What could not be done at the last look, in sentences.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

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
            Tell(await DetectorTriggers.EnsureAsync(connection, [], cancel));
        }
        catch (RefusedException)
        {
            // Down, or not initialised: the node's monitor says so.
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            Tell([PostgresErrors.InWords(e)]);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
    }

    private void Tell(IReadOnlyList<string> now)
    {
        Problems = now;
        var words = string.Join("; ", now);
        if (words.Length > 0 && words != problems)
            LogFailed(log, words);
        problems = words;
    }

    [LoggerMessage(340, LogLevel.Warning, "The triggers that see silent conflicts are not as they should be, and tried again: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(341, LogLevel.Error, "Looking after the detector failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
