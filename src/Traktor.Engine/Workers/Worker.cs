using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Workers;

/// <summary>
/// One of the arbiter's loops, as others see it. It runs each round, survives whatever fails in it, logs a problem
/// once, and knows what fails and since when.
/// </summary>
/// <param name="name">Its short name, for example <c>heartbeat</c>.</param>
/// <param name="task">What it does, as a noun phrase: "the heartbeat".</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class Worker(string name, string task, TimeProvider time, ILogger log)
{
    // One round may meet a deadlock, or a node that is just being uninitialised.
    private const int Tolerated = 1;

    // A lock that is never given, or a server that does not answer, makes a round last, not fail. So does much work.
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(10);

    private FailingWorker? failure;
    private int failures;
    private long began;

    /// <summary>Its short name.</summary>
    public string Name => name;

    /// <summary>
    /// Why its last rounds failed, or that one does not end; null when neither is so, or when the node itself does not
    /// work, which its own status says.
    /// </summary>
    public FailingWorker? Failure => Volatile.Read(ref failure) ?? Unending();

    /// <summary>Runs a round. Never throws.</summary>
    /// <returns>Whether it succeeded.</returns>
    public async Task<bool> TryAsync(Func<CancellationToken, Task> round, CancellationToken cancel)
    {
        Interlocked.Exchange(ref began, time.GetUtcNow().UtcTicks);
        try
        {
            await round(cancel);
            Succeed();
            return true;
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // The arbiter is stopping.
        }
        catch (RefusedException e) when (IsOfTheNode(e))
        {
            // It is down or not initialised, which the node's own status says.
            Succeed();
        }
        catch (RefusedException e)
        {
            Fail(e.Message);
        }
        catch (WorkerException e)
        {
            Fail(e.Message);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            Fail(PostgresErrors.InWords(e));
        }
        catch (Exception e)
        {
            LogDefect(log, task, e.GetType().Name, e);
            failures = Tolerated;
            Fail("An internal error, which the arbiter's log has.");
        }
        finally
        {
            Interlocked.Exchange(ref began, 0);
        }

        return false;
    }

    /// <summary>The node's own state is in the way, and not what the worker met in it.</summary>
    private static bool IsOfTheNode(RefusedException e) => e.Kind == RefusalKind.Unavailable || e.InnerException is not PostgresException;

    private FailingWorker? Unending()
    {
        var ticks = Interlocked.Read(ref began);
        var since = new DateTimeOffset(ticks, TimeSpan.Zero);
        return ticks == 0 || time.GetUtcNow() - since <= LongestRound
            ? null
            : new FailingWorker(name, task, "its round does not end; it waits for a lock or the server, or has very much to do", since);
    }

    private void Succeed()
    {
        failures = 0;
        if (Interlocked.Exchange(ref failure, null) is not null)
            LogRecovered(log, task);
    }

    private void Fail(string problem)
    {
        if (failures++ < Tolerated)
            return;
        var before = Volatile.Read(ref failure);
        if (before?.Problem != problem)
            LogFailed(log, task, problem);
        Volatile.Write(ref failure, new FailingWorker(name, task, problem, before?.Since ?? time.GetUtcNow()));
    }

    [LoggerMessage(500, LogLevel.Warning, "Failing, and tried again: {Task}: {Problem}")]
    private static partial void LogFailed(ILogger log, string task, string problem);

    [LoggerMessage(501, LogLevel.Information, "Works again: {Task}")]
    private static partial void LogRecovered(ILogger log, string task);

    [LoggerMessage(502, LogLevel.Error, "{Task} failed ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string task, string kind, Exception error);
}
