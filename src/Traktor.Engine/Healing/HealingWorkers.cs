using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Healing;

/// <summary>
/// Notices subscriptions that fail and heals each on its own, so that none waits for another. What an operator paused
/// or disabled is left alone; what we disabled ourselves, perhaps in a former life, is gone on with.
/// </summary>
public sealed partial class HealingWorkers(
    LocalNode local,
    Peers peers,
    ArbiterSettings settings,
    TimeProvider time,
    ILogger<HealingWorkers> log
) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAtWaiting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TryWaiting = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<int, HealState> heals = new();
    private readonly Healer healer = new(local, peers, settings.AutoHeal);
    private readonly PendingMerges merges = new(local);
    private readonly ApplyWatch watch = new(local);
    private int mergesAsked = 1;

    /// <summary>Whether a heal has more before it than it can apply just now: others who need the machine give way.</summary>
    public bool IsBehind => healer.IsBehind;

    /// <summary>Runs until cancelled; heals that run then are broken off and gone on with at the next start.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var backOff = Interval;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await LookAsync(cancel);
                backOff = Interval;
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Not initialised, or not reachable: the monitor says so.
                if (e is not RefusedException && !PostgresErrors.IsFromServer(e))
                    LogDefect(log, e.GetType().Name, e);
                backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
            }

            await Task.Delay(backOff, time, cancel)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await Task.WhenAll(heals.Values.Select(heal => heal.Heal));
    }

    /// <summary>Has a subscription that waits looked at now: something was decided, or an operator says so.</summary>
    public void RequestLook(int inbound) => heals.GetOrAdd(inbound, _ => new HealState()).IsLookRequested = true;

    /// <summary>
    /// Breaks off a heal and keeps the next one from beginning until the result is disposed: an operator is about to
    /// change the subscription.
    /// </summary>
    public Task<IDisposable> PauseAsync(int inbound, CancellationToken cancel) =>
        heals.GetOrAdd(inbound, _ => new HealState()).PauseAsync(cancel);

    /// <summary>A subscription is not ours any more; to be called while it is held.</summary>
    public async Task ForgetAsync(int inbound, CancellationToken cancel)
    {
        try
        {
            await HealingNote.ForgetAsync(local, inbound, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>As <see cref="PauseAsync"/>, for all subscriptions.</summary>
    public async Task<IDisposable> HoldAllAsync(CancellationToken cancel)
    {
        var all = new HeldAll();
        foreach (var inbound in heals.Keys)
            all.Add(await PauseAsync(inbound, cancel));
        return all;
    }

    public async ValueTask DisposeAsync() => await watch.DisposeAsync();

    private async Task LookAsync(CancellationToken cancel)
    {
        var subscriptions = await watch.LookAsync(cancel);
        if (watch.IsNew)
            foreach (var heal in heals.Values)
                heal.KnownErrors = null;
        if (watch.IsNew || Interlocked.Exchange(ref mergesAsked, 0) == 1)
            await merges.WriteAllAsync(cancel);
        foreach (var subscription in subscriptions)
        {
            var heal = heals.GetOrAdd(subscription.InboundNode, _ => new HealState());
            var (known, isBusy) = (heal.KnownErrors, !heal.Heal.IsCompleted);
            // While a heal runs and the subscription is enabled, it is either not yet disabled or handed back already:
            // a failure of then is to be noticed afterwards.
            if (!isBusy || !subscription.IsEnabled)
                heal.KnownErrors = subscription.Errors;
            if (isBusy || time.GetUtcNow() < heal.NotBefore)
                continue;
            if (subscription.HealingState is not null && (subscription.IsEnabled || subscription.IsPaused))
                await HealingNote.ForgetAsync(local, subscription.InboundNode, cancel);
            else if (subscription.IsEnabled ? IsSuspicious(subscription, known) : await IsPendingAsync(subscription, heal, cancel))
                Begin(subscription, heal, cancel);
        }
    }

    /// <summary>
    /// A changed count, or one that is not known while no worker runs, means a failure: of what kind shows when it is
    /// looked into.
    /// </summary>
    private static bool IsSuspicious(WatchedSubscription subscription, long? known) =>
        subscription.Errors > 0 && (known is null ? !subscription.IsRunning : known != subscription.Errors);

    private async Task<bool> IsPendingAsync(WatchedSubscription subscription, HealState heal, CancellationToken cancel)
    {
        if (subscription.HealingState is null)
            return false;
        if (subscription.HealingState == "healing" || heal.Last is null || heal.IsLookRequested)
            return true;
        var now = time.GetUtcNow();
        if (now < heal.NextLook)
            return false;
        heal.NextLook = now + LookAtWaiting;
        var prospects = await watch.ProspectsAsync(ObjectNames.Subscription(local.NodeId, subscription.InboundNode), heal.Table, cancel);
        heal.Prospects ??= prospects;
        return prospects != heal.Prospects || now >= heal.NextTry;
    }

    private void Begin(WatchedSubscription subscription, HealState heal, CancellationToken cancel)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        heal.Stop = stop;
        heal.IsLookRequested = false;
        heal.Heal = Task.Run(() => HealAsync(subscription, heal, stop), CancellationToken.None);
    }

    private async Task HealAsync(WatchedSubscription subscription, HealState heal, CancellationTokenSource stop)
    {
        using var _ = stop;
        if (!heal.TryEnter())
            return;
        var inbound = subscription.InboundNode;
        try
        {
            var began = time.GetTimestamp();
            var outcome = await healer.HealAsync(inbound, subscription.Oid, stop.Token);
            var now = time.GetUtcNow();
            Tell(inbound, heal.Last, outcome, time.GetElapsedTime(began));
            (heal.Last, heal.Failures, heal.Prospects, heal.NextLook, heal.NextTry) = (outcome, 0, null, now, now + TryWaiting);
            Interlocked.Exchange(ref mergesAsked, 1);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Broken off; the note in the database says how far it was.
        }
        catch (Exception e)
        {
            heal.NotBefore =
                time.GetUtcNow()
                + TimeSpan.FromMilliseconds(Math.Min(LongestBackOff.TotalMilliseconds, 100 << Math.Min(heal.Failures++, 6)));
            LogBrokenOff(
                log,
                inbound,
                PostgresErrors.IsFromServer(e) ? PostgresErrors.InWords(e)
                    : e is RefusedException ? e.Message
                    : e.GetType().Name
            );
            if (e is not RefusedException && !PostgresErrors.IsFromServer(e))
                LogDefect(log, e.GetType().Name, e);
        }
        finally
        {
            heal.Leave();
        }
    }

    private void Tell(int inbound, HealOutcome? before, HealOutcome outcome, TimeSpan took)
    {
        if (outcome.End is HealEnd.HandedBack && outcome.Transactions > 0)
            LogHealed(log, inbound, outcome.Conflicts, outcome.Transactions, took.TotalMilliseconds);
        else if (outcome.Note is { } note && before?.Note != note)
            LogWaits(log, inbound, note);
    }

    private sealed class HeldAll : List<IDisposable>, IDisposable
    {
        public void Dispose() => ForEach(held => held.Dispose());
    }
}
