using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// The loop that keeps something in this node's database in the desired state. It checks once a second, so that manual
/// changes are corrected and failures are retried. It survives server failures and logs a problem once.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="what">What it keeps, as the subject of a sentence.</param>
/// <param name="keep">One check with its changes. Returns what failed, in sentences.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class Reconciler(
    LocalNode local,
    string what,
    Func<NpgsqlConnection, CancellationToken, Task<IReadOnlyList<string>>> keep,
    TimeProvider time,
    ILogger<Reconciler> log
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string last = "";

    /// <summary>What failed at the last check, in sentences.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, KeepAsync, cancel);

    private async Task KeepAsync(CancellationToken cancel)
    {
        try
        {
            var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
            await using var _ = connection;
            if (identity.IsCurrent)
                Report(await keep(connection, cancel));
        }
        catch (RefusedException)
        {
            // Down or not initialised: the node's monitor reports that.
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            Report([PostgresErrors.InWords(e)]);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, what, e.GetType().Name, e);
        }
    }

    private void Report(IReadOnlyList<string> now)
    {
        Problems = now;
        var words = string.Join("; ", now);
        if (words.Length > 0 && words != last)
            LogFailed(log, what, words);
        last = words;
    }

    [LoggerMessage(320, LogLevel.Warning, "{What} could not be updated, which will be retried: {Reason}")]
    private static partial void LogFailed(ILogger log, string what, string reason);

    [LoggerMessage(321, LogLevel.Error, "{What} could not be checked ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string what, string kind, Exception error);
}
