using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Convergence;

/// <summary>
/// The loop that brings nodes together again after conflicts that stop nothing: it looks ten times a second for overwrites
/// that were logged and winners that arrived, and once before each heartbeat works off all that waits. It holds no
/// state of its own.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="settings">The settings.</param>
/// <param name="isBehind">Whether a peer's stream waits for the machine: it goes first, since every table's changes are
/// in it, and what was contested costs as much again.</param>
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
    /// While a stream waits it rests so many times as long as it has worked: it gets on, and what waits does not grow
    /// without end.
    /// </summary>
    private const int Rests = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim gate = new(1);
    private ConvergenceSession? session;
    private OverwriteProcessor? processor;
    private string last = "";

    /// <summary>The row that cannot be written, and why, as words; empty while there is none.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Runs until cancelled; a server that is down, or a node that is not initialised, is tried again.</summary>
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
            var isProcessed = await arrived.AreDigestedAsync(announcing, local.NodeId, cancel);
            for (var rounds = 0; rounds < MostRounds && !isProcessed; rounds++)
            {
                var isMore = await work.ProcessAsync(cancel);
                isProcessed = await arrived.AreDigestedAsync(announcing, local.NodeId, cancel);
                if (!isMore || isBehind())
                    break;
            }

            await work.ForgetAsync(cancel);
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
                // Hot rows are looked at again at once.
                if (isBehind())
                    await Task.Delay(time.GetElapsedTime(began) * Rests, time, cancel);
                began = time.GetTimestamp();
            }

            Problems = work.Failure is { } failure
                ? [$"A row of {failure.Row.Name.Table}, key {failure.Row.Name.Key}: {PostgresErrors.InWords(failure.Error)}"]
                : [];
            Say(Problems.FirstOrDefault(""));
            return true;
        }
        catch (RefusedException)
        {
            // Down, or not initialised: the node's monitor says so.
        }
        catch (PostgresException e) when (IsPassing(e))
        {
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            // Taken out of the mesh just now.
            await CloseAsync();
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            Say(PostgresErrors.InWords(e));
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

    /// <summary>Others hold rows, and let go of them: nothing is lost by coming back.</summary>
    private static bool IsPassing(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable;

    private void Say(string words)
    {
        if (words != last && words.Length > 0)
            LogFailed(log, words);
        last = words;
    }

    [LoggerMessage(350, LogLevel.Warning, "Resolving silent conflicts failed and is tried again: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(351, LogLevel.Error, "Resolving silent conflicts failed ({Kind}); it goes on")]
    private static partial void LogDefect(ILogger log, string kind, Exception error);
}
