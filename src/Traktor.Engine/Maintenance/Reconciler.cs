using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// The loop around something that this node's database is brought to and kept at: once a second it is looked at anew,
/// so that whatever was changed by hand is put right, and what cannot be done now is tried again. It outlives the
/// server, and says once what is wrong.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="what">What is looked after, as the subject of a sentence.</param>
/// <param name="keep">One look, and what follows from it; returns what could not be done, in sentences.</param>
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

    /// <summary>What could not be done at the last look, in sentences.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Runs until cancelled; a server that is down, or a node that is not initialised, is tried again.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, KeepAsync, cancel);

    private async Task KeepAsync(CancellationToken cancel)
    {
        try
        {
            var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
            await using var _ = connection;
            if (identity.IsCurrent)
                Tell(await keep(connection, cancel));
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
            LogDefect(log, what, e.GetType().Name, e);
        }
    }

    private void Tell(IReadOnlyList<string> now)
    {
        Problems = now;
        var words = string.Join("; ", now);
        if (words.Length > 0 && words != last)
            LogFailed(log, what, words);
        last = words;
    }

    [LoggerMessage(320, LogLevel.Warning, "{What} could not be brought up to date, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger log, string what, string reason);

    [LoggerMessage(321, LogLevel.Error, "{What} could not be looked after ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string what, string kind, Exception error);
}
