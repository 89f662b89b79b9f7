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

    private readonly ConcurrentDictionary<int, Patient> patients = new();
    private readonly Healer healer = new(local, peers, settings.AutoHeal);
    private readonly DueMerges merges = new(local);
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

        await Task.WhenAll(patients.Values.Select(patient => patient.Heal));
    }

    /// <summary>Has a subscription that waits looked at now: something was decided, or an operator says so.</summary>
    public void Kick(int inbound) => patients.GetOrAdd(inbound, _ => new Patient()).IsKicked = true;

    /// <summary>
    /// Breaks off a heal and keeps the next one from beginning until the result is disposed: an operator is about to
    /// change the subscription.
    /// </summary>
    public Task<IDisposable> HoldAsync(int inbound, CancellationToken cancel) =>
        patients.GetOrAdd(inbound, _ => new Patient()).HoldAsync(cancel);

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

    /// <summary>As <see cref="HoldAsync"/>, for all subscriptions.</summary>
    public async Task<IDisposable> HoldAllAsync(CancellationToken cancel)
    {
        var all = new HeldAll();
        foreach (var inbound in patients.Keys)
            all.Add(await HoldAsync(inbound, cancel));
        return all;
    }

    public async ValueTask DisposeAsync() => await watch.DisposeAsync();

    private async Task LookAsync(CancellationToken cancel)
    {
        var subscriptions = await watch.LookAsync(cancel);
        if (watch.IsNew)
            foreach (var patient in patients.Values)
                patient.KnownErrors = null;
        if (watch.IsNew || Interlocked.Exchange(ref mergesAsked, 0) == 1)
            await merges.WriteAllAsync(cancel);
        foreach (var subscription in subscriptions)
        {
            var patient = patients.GetOrAdd(subscription.InboundNode, _ => new Patient());
            var (known, isBusy) = (patient.KnownErrors, !patient.Heal.IsCompleted);
            // While a heal runs and the subscription is enabled, it is either not yet disabled or handed back already:
            // a failure of then is to be noticed afterwards.
            if (!isBusy || !subscription.IsEnabled)
                patient.KnownErrors = subscription.Errors;
            if (isBusy || time.GetUtcNow() < patient.NotBefore)
                continue;
            if (subscription.HealingState is not null && (subscription.IsEnabled || subscription.IsPaused))
                await HealingNote.ForgetAsync(local, subscription.InboundNode, cancel);
            else if (subscription.IsEnabled ? IsSuspicious(subscription, known) : await IsDueAsync(subscription, patient, cancel))
                Begin(subscription, patient, cancel);
        }
    }

    /// <summary>
    /// A changed count, or one that is not known while no worker runs, means a failure: of what kind shows when it is
    /// looked into.
    /// </summary>
    private static bool IsSuspicious(WatchedSubscription subscription, long? known) =>
        subscription.Errors > 0 && (known is null ? !subscription.IsRunning : known != subscription.Errors);

    private async Task<bool> IsDueAsync(WatchedSubscription subscription, Patient patient, CancellationToken cancel)
    {
        if (subscription.HealingState is null)
            return false;
        if (subscription.HealingState == "healing" || patient.Last is null || patient.IsKicked)
            return true;
        var now = time.GetUtcNow();
        if (now < patient.NextLook)
            return false;
        patient.NextLook = now + LookAtWaiting;
        var prospects = await watch.ProspectsAsync(ObjectNames.Subscription(local.NodeId, subscription.InboundNode), patient.Table, cancel);
        patient.Prospects ??= prospects;
        return prospects != patient.Prospects || now >= patient.NextTry;
    }

    private void Begin(WatchedSubscription subscription, Patient patient, CancellationToken cancel)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patient.Stop = stop;
        patient.IsKicked = false;
        patient.Heal = Task.Run(() => HealAsync(subscription, patient, stop), CancellationToken.None);
    }

    private async Task HealAsync(WatchedSubscription subscription, Patient patient, CancellationTokenSource stop)
    {
        using var _ = stop;
        if (!patient.TryEnter())
            return;
        var inbound = subscription.InboundNode;
        try
        {
            var began = time.GetTimestamp();
            var outcome = await healer.HealAsync(inbound, subscription.Oid, stop.Token);
            var now = time.GetUtcNow();
            Tell(inbound, patient.Last, outcome, time.GetElapsedTime(began));
            (patient.Last, patient.Failures, patient.Prospects, patient.NextLook, patient.NextTry) = (
                outcome,
                0,
                null,
                now,
                now + TryWaiting
            );
            Interlocked.Exchange(ref mergesAsked, 1);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Broken off; the note in the database says how far it was.
        }
        catch (Exception e)
        {
            patient.NotBefore =
                time.GetUtcNow()
                + TimeSpan.FromMilliseconds(Math.Min(LongestBackOff.TotalMilliseconds, 100 << Math.Min(patient.Failures++, 6)));
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
            patient.Leave();
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
