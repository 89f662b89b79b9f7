using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Tasks;

/// <summary>
/// Runs the tasks of this node, at most one of each kind at a time, and goes on with those that an earlier arbiter did
/// not finish. A lock keeps a second arbiter of the node from running the same task.
/// </summary>
/// <param name="local">This node.</param>
/// <param name="store">The tasks.</param>
/// <param name="kinds">The kinds that it can run.</param>
/// <param name="retention">How long finished tasks are kept; zero for ever.</param>
/// <param name="worker">Runs the rounds.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class TaskRunner(
    LocalNode local,
    TaskStore store,
    IReadOnlyList<ITaskKind> kinds,
    TimeSpan retention,
    Worker worker,
    TimeProvider time,
    ILogger<TaskRunner> log
) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<long, RunningTask> running = new();
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskLock hold = new(local);
    private DateTimeOffset purgedAt = DateTimeOffset.MinValue;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        store.Changed += Wake;
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                await worker.TryAsync(RoundAsync, cancel);
                await wake.WaitAsync(Interval, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The arbiter is stopping.
        }
        finally
        {
            store.Changed -= Wake;
            await StopAllAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        stop.Dispose();
        wake.Dispose();
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        await PurgeAsync(cancel);
        var unfinished = await store.UnfinishedAsync(cancel);
        foreach (var task in unfinished.Where(task => task.Entry.IsCancelling))
            if (running.TryGetValue(task.Entry.Id, out var one))
                await one.CancelAsync();
        var begin = TaskRules
            .ToBegin([.. unfinished.Select(task => task.Entry)], [.. running.Values.Select(one => one.Task.Entry)])
            .Select(entry => unfinished.First(task => task.Entry.Id == entry.Id))
            .ToList();
        if (begin.Count == 0 && running.IsEmpty)
        {
            await hold.ReleaseAsync();
            return;
        }

        if (!await HoldAsync(cancel))
            return;
        foreach (var task in begin)
        {
            var one = new RunningTask(task, CancellationTokenSource.CreateLinkedTokenSource(stop.Token));
            running[task.Entry.Id] = one;
            one.Work = Task.Run(() => WorkAsync(one), CancellationToken.None);
        }
    }

    /// <summary>Takes the lock, or sees that this arbiter still has it. When its session is lost, another arbiter may
    /// have taken it: what runs is stopped first.</summary>
    private async Task<bool> HoldAsync(CancellationToken cancel)
    {
        if (hold.IsTaken && !await hold.IsHeldAsync(cancel))
        {
            foreach (var one in running.Values)
                await one.CancelAsync();
            await Task.WhenAll(running.Values.Select(one => one.Work));
            await hold.ReleaseAsync();
        }

        return hold.IsTaken || await hold.TryTakeAsync(cancel);
    }

    private async Task WorkAsync(RunningTask one)
    {
        try
        {
            if (await store.BeginAsync(one.Task.Entry.Id, stop.Token))
                await RunAsync(one);
        }
        catch (Exception e) when (e is RefusedException or OperationCanceledException)
        {
            // The server is down, the node is not one any more, or the arbiter stops: a later round goes on.
            LogInterrupted(log, one.Task.Entry.Kind, one.Task.Entry.Id, e.Message);
        }
        catch (Exception e)
        {
            LogDefect(log, one.Task.Entry.Kind, one.Task.Entry.Id, e);
        }
        finally
        {
            running.TryRemove(one.Task.Entry.Id, out _);
            one.Dispose();
        }
    }

    private async Task RunAsync(RunningTask one)
    {
        var lastProgress = time.GetTimestamp();
        var failures = 0;
        var run = new TaskRun(one.Task, store, () => (lastProgress, failures) = (time.GetTimestamp(), 0));
        if (kinds.FirstOrDefault(kind => kind.Name == one.Task.Entry.Kind) is not { } work)
        {
            await store.FinishAsync(run.Id, TaskState.Failed, "This release of Traktor does not know this kind of task.", null, stop.Token);
            return;
        }

        while (true)
        {
            try
            {
                one.Cancelled.ThrowIfCancellationRequested();
                if (one.Task.Entry.IsCancelling)
                    break;
                var result = await work.RunAsync(run, one.Cancelled);
                await store.FinishAsync(run.Id, TaskState.Succeeded, null, result, stop.Token);
                LogFinished(log, work.Name, run.Id, "succeeded");
                return;
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception) when (one.Cancelled.IsCancellationRequested)
            {
                // Cancelled, or the lock is lost: the database says which.
                if (!(await store.FindAsync(run.Id, stop.Token)).Task.IsCancelling)
                    return;
                break;
            }
            catch (Exception e) when (TaskRules.MayPass(e) && time.GetElapsedTime(lastProgress) < TaskRules.Patience)
            {
                failures++;
                await store.WaitForAsync(run.Id, Words(e), stop.Token);
                await Loop.RestAsync(TaskRules.Rest(failures), time, one.Cancelled);
            }
            catch (Exception e)
            {
                if (e is not RefusedException && !PostgresErrors.IsFromServer(e))
                    LogDefect(log, work.Name, run.Id, e);
                await EndAsync(work, run, TaskState.Failed, Words(e));
                return;
            }
        }

        await EndAsync(work, run, TaskState.Cancelled, null);
    }

    /// <summary>Undoes what a task began, then notes its end. If that fails, a later round tries it again.</summary>
    private async Task EndAsync(ITaskKind work, TaskRun run, TaskState state, string? problem)
    {
        await work.UndoAsync(run, stop.Token);
        await store.FinishAsync(run.Id, state, problem, null, stop.Token);
        LogFinished(log, work.Name, run.Id, TaskStore.Word(state));
    }

    private static string Words(Exception error) =>
        error switch
        {
            RefusedException { Hint: { } hint } refused => $"{refused.Message} {hint}",
            RefusedException refused => refused.Message,
            _ when PostgresErrors.IsFromServer(error) => PostgresErrors.ToRefusal(error, "this node's PostgreSQL").Message,
            _ => "An internal error, which the arbiter's log has.",
        };

    private async Task PurgeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (retention == TimeSpan.Zero || now - purgedAt < PurgeInterval)
            return;
        await store.PurgeAsync(now - retention, cancel);
        purgedAt = now;
    }

    private async Task StopAllAsync()
    {
        if (!stop.IsCancellationRequested)
            await stop.CancelAsync();
        await Task.WhenAll(running.Values.Select(one => one.Work));
        await hold.ReleaseAsync();
    }

    private void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake, or the arbiter stops.
        }
    }

    [LoggerMessage(710, LogLevel.Information, "The task {Kind} {Id} was interrupted and will be tried again: {Problem}")]
    private static partial void LogInterrupted(ILogger log, string kind, long id, string problem);

    [LoggerMessage(711, LogLevel.Error, "The task {Kind} {Id} failed with an internal error")]
    private static partial void LogDefect(ILogger log, string kind, long id, Exception error);

    [LoggerMessage(712, LogLevel.Information, "The task {Kind} {Id} {Outcome}")]
    private static partial void LogFinished(ILogger log, string kind, long id, string outcome);
}
