using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Convergence.ContestedKeys;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Nodes;
using Traktor.Engine.Owners;
using Traktor.Engine.Postgres;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Convergence;

/// <summary>
/// The loop that resolves conflicts that raise no error. Ten times a second it processes logged overwrites and arrived
/// winners. All its state is in the database.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="settings">The settings.</param>
/// <param name="isBehind">Whether a heal is behind. The heal goes first, because the changes of all tables are in its
/// stream and resolving contested keys costs as much again.</param>
/// <param name="worker">Runs the rounds.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class ConvergenceWorker(
    LocalNode local,
    ArbiterSettings settings,
    Func<bool> isBehind,
    Worker worker,
    TimeProvider time,
    ILogger<ConvergenceWorker> log
) : IHeartbeatRound, IAsyncDisposable
{
    /// <summary>
    /// While a heal is behind, convergence pauses this many times as long as it worked. The heal progresses, and the
    /// backlog here does not grow without bound.
    /// </summary>
    private const int Rests = 2;

    /// <summary>
    /// How long the other nodes' heartbeats are waited for. Where none comes, a node cannot be reached, and quick
    /// heartbeats change nothing.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim gate = new(1);
    private ConvergenceSession? session;
    private OverwriteProcessor? processor;
    private string last = "";

    /// <summary>
    /// What is to be processed before the heartbeats say so: all that had arrived when this was known to be applied.
    /// </summary>
    private (NodeVector Applied, Arrivals Arrived)? round;

    // Without a maximum: both loops may release it at once, which costs a heartbeat more.
    private readonly SemaphoreSlim progress = new(0);
    private long lastProgress = time.GetTimestamp();
    private bool isContested;

    /// <summary>The row that cannot be written, and why; empty when there is none.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Runs until cancelled. If the server is down or the node is not initialised, it tries again.</summary>
    public Task RunAsync(CancellationToken cancel) =>
        Loop.WithBackOffAsync(Interval, LongestBackOff, time, stop => worker.TryAsync(ResolveAsync, stop), cancel);

    /// <inheritdoc/>
    public bool IsUrgent => time.GetElapsedTime(Volatile.Read(ref lastProgress)) < Patience && Volatile.Read(ref isContested);

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancel) => progress.WaitAsync(cancel);

    /// <inheritdoc/>
    public async Task<NodeVector?> ProcessedAsync(NodeVector applied, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (await OpenAsync(cancel) is not { } work)
                return null;
            var announcing = session!.Announcing;
            round ??= (applied, await Arrivals.ReadAsync(announcing, local.NodeId, cancel));
            var (told, arrived) = round.Value;
            var isProcessed =
                await arrived.AreProcessedAsync(announcing, local.NodeId, cancel)
                || (await work.ProcessAsync(cancel) && await arrived.AreProcessedAsync(announcing, local.NodeId, cancel));
            if (await work.PurgeAsync(cancel))
                Progress();
            Volatile.Write(ref isContested, !session.IsNothingContested);
            if (!isProcessed)
                return null;
            round = null;
            return told;
        }
        catch (PostgresException e) when (IsPassing(e))
        {
            return null;
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

    /// <summary>
    /// Has all nodes adopt rows of this node, or delete them. A row that has changed meanwhile is left alone.
    /// </summary>
    /// <returns>For each row whether it was taken.</returns>
    /// <exception cref="RefusedException">Conflict: the node does not resolve conflicts of the table by itself;
    /// NotFound; Unavailable.</exception>
    public async Task<IReadOnlyList<bool>> AnnounceAsync(TableName table, IReadOnlyList<RowChoice> rows, CancellationToken cancel)
    {
        if (!settings.AutoHeal)
            throw RefusedException.Conflict($"AutoHeal is off on node {local.NodeId}: its rows are not repaired.");
        await gate.WaitAsync(cancel);
        try
        {
            if (await OpenAsync(cancel) is not { } work)
                throw RefusedException.Unavailable($"Node {local.NodeId} does not resolve conflicts now: another arbiter may.");
            var taken = await work.AnnounceAsync(table, rows, cancel);
            Progress();
            return taken;
        }
        catch (PostgresException e) when (IsPassing(e))
        {
            throw RefusedException.Unavailable($"Rows of {table} are locked by other sessions on node {local.NodeId}.", e);
        }
        catch (Exception e) when (e is not RefusedException)
        {
            await CloseAsync();
            throw PostgresErrors.IsFromServer(e) ? PostgresErrors.ToRefusal(e, $"the PostgreSQL of node {local.NodeId}") : e;
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
        progress.Dispose();
    }

    private const int MostRounds = 50;

    private async Task ResolveAsync(CancellationToken cancel)
    {
        for (var rounds = 0; rounds < MostRounds; rounds++)
        {
            var began = time.GetTimestamp();
            if (!await ResolveSomeAsync(cancel))
                break;
            Progress();
            // Frequently changed rows have new entries by now: process them at once.
            if (isBehind())
                await Task.Delay(time.GetElapsedTime(began) * Rests, time, cancel);
        }
    }

    /// <summary>Processes some of what waits. Returns whether there was any.</summary>
    private async Task<bool> ResolveSomeAsync(CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (await OpenAsync(cancel) is not { } work)
                return false;
            if (await work.ProcessAsync(cancel))
                return true;
            Problems = work.Failure is { } failure
                ? [$"A row of {failure.Row.Name.Table}, key {failure.Row.Name.Key}: {PostgresErrors.InWords(failure.Error)}"]
                : [];
            LogProblem(Problems.FirstOrDefault(""));
        }
        catch (PostgresException e) when (IsPassing(e))
        {
            // The next round does the same work.
        }
        catch (OwnerChangedException)
        {
            await CloseAsync();
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

        return false;
    }

    /// <summary>Has heartbeats follow quickly for a while.</summary>
    private void Progress()
    {
        Volatile.Write(ref lastProgress, time.GetTimestamp());
        Volatile.Write(ref isContested, true);
        if (progress.CurrentCount == 0)
            progress.Release();
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
        if (opened.TakenFrom is { } others)
            LogLockTaken(log, others);
        return processor = new OverwriteProcessor(opened, local.NodeId, settings.AutoHeal);
    }

    private async Task CloseAsync()
    {
        (processor, round) = (null, null);
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

    [LoggerMessage(
        352,
        LogLevel.Warning,
        "The advisory lock of this arbiter was held by {Others}, which nothing but an arbiter of this node should take; another is used"
    )]
    private static partial void LogLockTaken(ILogger log, string others);
}
