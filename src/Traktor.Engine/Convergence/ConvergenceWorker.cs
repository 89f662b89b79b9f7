using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>
/// The loop that resolves conflicts that raise no error. Ten times a second it processes logged overwrites and arrived
/// winners; before each heartbeat it processes everything that waits. All its state is in the database.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="settings">The settings.</param>
/// <param name="isBehind">Whether a heal is behind. The heal goes first, because the changes of all tables are in its
/// stream and resolving contested keys costs as much again.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class ConvergenceWorker(
    LocalNode local,
    ArbiterSettings settings,
    Func<bool> isBehind,
    TimeProvider time,
    ILogger<ConvergenceWorker> log
) : IHeartbeatRound, IAsyncDisposable
{
    /// <summary>
    /// While a heal is behind, convergence pauses this many times as long as it worked. The heal progresses, and the
    /// backlog here does not grow without bound.
    /// </summary>
    private const int Rests = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim gate = new(1);
    private ConvergenceSession? session;
    private OverwriteProcessor? processor;
    private string last = "";

    /// <summary>The row that cannot be written, and why; empty when there is none.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var backOff = Interval;
        while (!cancel.IsCancellationRequested)
        {
            backOff =
                await TryAsync(cancel) ? Interval
                : backOff * 2 < LongestBackOff ? backOff * 2
                : LongestBackOff;
            await Task.Delay(backOff, time, cancel)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ProcessAsync(CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (await OpenAsync(cancel) is not { } work)
                return false;
            var announcing = session!.Announcing;
            var arrived = await Arrivals.ReadAsync(announcing, local.NodeId, cancel);
            var isProcessed = await arrived.AreProcessedAsync(announcing, local.NodeId, cancel);
            for (var rounds = 0; rounds < MostRounds && !isProcessed; rounds++)
            {
                var isMore = await work.ProcessAsync(cancel);
                isProcessed = await arrived.AreProcessedAsync(announcing, local.NodeId, cancel);
                if (!isMore || isBehind())
                    break;
            }

            await work.PurgeAsync(cancel);
            return isProcessed;
        }
        catch (PostgresException e) when (IsPassing(e))
        {
            return false;
        }
        catch
        {
            await CloseAsync();
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        gate.Dispose();
    }

    private const int MostRounds = 50;

    private async Task<bool> TryAsync(CancellationToken cancel)
    {
        try
        {
            await gate.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            return true;
        }

        try
        {
            if (await OpenAsync(cancel) is not { } work)
                return false;
            var began = time.GetTimestamp();
            for (var rounds = 0; rounds < MostRounds && await work.ProcessAsync(cancel); rounds++)
            {
                // Frequently changed rows have new entries by now: process them at once.
                if (isBehind())
                    await Task.Delay(time.GetElapsedTime(began) * Rests, time, cancel);
                began = time.GetTimestamp();
            }

            Problems = work.Failure is { } failure
                ? [$"A row of {failure.Row.Name.Table}, key {failure.Row.Name.Key}: {PostgresErrors.InWords(failure.Error)}"]
                : [];
            LogProblem(Problems.FirstOrDefault(""));
            return true;
        }
        catch (RefusedException)
        {
            // Down or not initialised: the node's monitor reports that.
        }
        catch (PostgresException e) when (IsPassing(e))
        {
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            // The node was uninitialised in the meantime.
            await CloseAsync();
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            LogProblem(PostgresErrors.InWords(e));
            await CloseAsync();
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
            await CloseAsync();
        }
        catch (OperationCanceledException)
        {
            await CloseAsync();
        }
        finally
        {
            gate.Release();
        }

        return false;
    }

    private async Task<OverwriteProcessor?> OpenAsync(CancellationToken cancel)
    {
        if (
            processor is not null
            && session is { Announcing.State: System.Data.ConnectionState.Open, Applying.State: System.Data.ConnectionState.Open }
        )
            return processor;
        await CloseAsync();
        var (connection, identity) = await local.OpenIdentifiedAsync(cancel);
        await connection.DisposeAsync();
        if (!identity.IsCurrent || await ConvergenceSession.OpenAsync(local, cancel) is not { } opened)
            return null;
        session = opened;
        return processor = new OverwriteProcessor(opened, local.NodeId, settings.AutoHeal);
    }

    private async Task CloseAsync()
    {
        processor = null;
        Problems = [];
        if (Interlocked.Exchange(ref session, null) is { } open)
            await open.DisposeAsync();
    }

    /// <summary>Whether another session's lock caused the error. A later round can do the same work.</summary>
    private static bool IsPassing(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable;

    private void LogProblem(string words)
    {
        if (words != last && words.Length > 0)
            LogFailed(log, words);
        last = words;
    }

    [LoggerMessage(350, LogLevel.Warning, "Resolving silent conflicts failed and will be retried: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(351, LogLevel.Error, "Resolving silent conflicts failed ({Kind}); it continues")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
