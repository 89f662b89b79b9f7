using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Healing.Waiting;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Healing;

/// <summary>
/// Finds subscriptions that fail and heals each on its own, so that none waits for another. A subscription that an
/// operator paused or disabled is left alone; one that the arbiter disabled, perhaps before a restart, is healed
/// further.
/// </summary>
public sealed partial class HealingWorkers(
    LocalNode local,
    Peers peers,
    ArbiterSettings settings,
    Worker worker,
    TimeProvider time,
    ILogger<HealingWorkers> log
) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAtWaiting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TryWaiting = TimeSpan.FromSeconds(60);

    /// <summary>After so many failures alike a heal says what it fails with.</summary>
    private const int FailuresAlike = 3;

    private static readonly TimeSpan TryFirst = TimeSpan.FromSeconds(2);

    /// <summary>Of the time between two tries because of some DDL: at most 16 s.</summary>
    private const int MostDoublings = 4;

    private readonly ConcurrentDictionary<int, HealState> heals = new();
    private readonly Healer healer = new(local, peers, settings.AutoHeal);
    private readonly PendingMerges merges = new(local);
    private readonly ApplyWatch watch = new(local);
    private int mergesAsked = 1;
    private DateTimeOffset nextResolution;

    /// <summary>Whether a heal has read more than it can apply. Other workers of this arbiter then do less.</summary>
    public bool IsBehind => healer.IsBehind;

    /// <summary>Runs until cancelled. Running heals are then interrupted; the next start continues them.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await Loop.WithBackOffAsync(Interval, LongestBackOff, time, stop => worker.TryAsync(LookAsync, stop), cancel);
        await Task.WhenAll(heals.Values.Select(heal => heal.Heal));
    }

    /// <summary>
    /// Requests an immediate look at a waiting subscription: a decision was made, or an operator asks for it.
    /// </summary>
    public void RequestLook(int inbound) => heals.GetOrAdd(inbound, _ => new HealState()).IsLookRequested = true;

    /// <summary>
    /// Interrupts a heal and keeps the next from beginning until the result is disposed, because an operator is about
    /// to change the subscription.
    /// </summary>
    public Task<IDisposable> PauseAsync(int inbound, CancellationToken cancel) =>
        heals.GetOrAdd(inbound, _ => new HealState()).PauseAsync(cancel);

    /// <summary>
    /// Removes a subscription's heal record. Call it while the subscription is paused by <see cref="PauseAsync"/>.
    /// </summary>
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

    /// <summary>Does what <see cref="PauseAsync"/> does, for all subscriptions.</summary>
    public async Task<IDisposable> PauseAllAsync(CancellationToken cancel)
    {
        var all = new PausedAll();
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
        if (time.GetUtcNow() >= nextResolution)
        {
            await watch.ResolveAppliedAsync(cancel);
            nextResolution = time.GetUtcNow() + LookAtWaiting;
        }

        foreach (var subscription in subscriptions)
        {
            var heal = heals.GetOrAdd(subscription.InboundNode, _ => new HealState());
            var (known, isBusy) = (heal.KnownErrors, !heal.Heal.IsCompleted);
            // While a heal runs and the subscription is enabled, the heal has either not disabled it yet or already
            // handed it back. A failure at that time is counted after the heal.
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
    /// A changed count means a failure, and so does an unknown count while no worker runs. The heal finds out which
    /// failure it is.
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
        var isChanged = heal.Prospects is { } before && before != prospects;
        // As they are before the next try: what is fixed during it shows afterwards.
        heal.Prospects = prospects;
        if (isChanged || now >= heal.NextTry)
            return true;
        return heal.Last.End == HealEnd.Stuck && now >= heal.NextCatalogTry && await IsCatalogChangedAsync(heal, cancel);
    }

    private async Task<bool> IsCatalogChangedAsync(HealState heal, CancellationToken cancel)
    {
        var state = await watch.CatalogStateAsync(cancel);
        var isChanged = heal.CatalogState is { } before && before != state;
        heal.CatalogState = state;
        if (isChanged)
            heal.NextCatalogTry = time.GetUtcNow() + LookAtWaiting * (1 << Math.Min(heal.CatalogTries++, MostDoublings));
        return isChanged;
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
            var outcome = await healer.HealAsync(inbound, subscription.Oid, isRepeating: heal.Alike >= FailuresAlike, stop.Token);
            var now = time.GetUtcNow();
            LogOutcome(inbound, heal.Last, outcome, time.GetElapsedTime(began));
            // What was fixed before the prospects of a table were read at all is found by trying once more soon.
            var nextTry = now + (outcome.End == HealEnd.Stuck && heal.Last?.Note != outcome.Note ? TryFirst : TryWaiting);
            if (heal.Last?.Note != outcome.Note)
                (heal.CatalogTries, heal.NextCatalogTry) = (0, now);
            var prospects = heal.Table == outcome.Fault?.Table ? heal.Prospects : null;
            (heal.Last, heal.Failures, heal.Failure, heal.Prospects) = (outcome, 0, null, prospects);
            heal.Alike = 0;
            (heal.NextLook, heal.NextTry) = (now, nextTry);
            Interlocked.Exchange(ref mergesAsked, 1);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Interrupted. trktr.subscription records the heal, so it can be continued.
        }
        catch (Exception e)
        {
            heal.NotBefore =
                time.GetUtcNow()
                + TimeSpan.FromMilliseconds(Math.Min(LongestBackOff.TotalMilliseconds, 100 << Math.Min(heal.Failures++, 6)));
            var reason =
                PostgresErrors.IsFromServer(e) ? PostgresErrors.InWords(e)
                : e is RefusedException ? e.Message
                : e is NullReferenceException && e.StackTrace?.Contains("Npgsql.NpgsqlDataReader", StringComparison.Ordinal) == true
                    // The driver's answer to an error 0A000 of a statement that it had not prepared.
                    ? "the server does not support a statement (SQLSTATE 0A000); its log has the statement"
                : e.GetType().Name;
            LogBrokenOff(log, inbound, reason);
            if (e is not RefusedException && !PostgresErrors.IsFromServer(e))
                LogDefect(log, e.GetType().Name, e);
            await NoteFailureAsync(inbound, heal, reason, stop.Token);
        }
        finally
        {
            heal.Leave();
        }
    }

    /// <summary>
    /// Says of a heal that fails again and again in the same way what it fails with. It is tried again as before: what
    /// is wrong may be gone at any time.
    /// </summary>
    private async Task NoteFailureAsync(int inbound, HealState heal, string reason, CancellationToken cancel)
    {
        heal.Alike = heal.Failure == reason ? heal.Alike + 1 : 1;
        heal.Failure = reason;
        if (heal.Alike < FailuresAlike)
            return;
        // Nothing waits: the next look begins a heal as soon as it may.
        heal.Last = null;
        try
        {
            await HealingNote.WaitAsync(
                local,
                inbound,
                "stuck",
                $"Transactions of node {inbound} cannot be applied: {reason}. The arbiter tries again every "
                    + $"{LongestBackOff.TotalSeconds:0} s.",
                cancel
            );
        }
        catch (Exception e) when (e is RefusedException || PostgresErrors.IsFromServer(e) || cancel.IsCancellationRequested)
        {
            // The next failure says it.
        }
    }

    private void LogOutcome(int inbound, HealOutcome? before, HealOutcome outcome, TimeSpan took)
    {
        if (outcome.End is HealEnd.HandedBack && outcome.Transactions > 0)
            LogHealed(log, inbound, outcome.Conflicts, outcome.Transactions, took.TotalMilliseconds);
        else if (outcome.Note is { } note && before?.Note != note)
            LogWaits(log, inbound, note);
    }

    private sealed class PausedAll : List<IDisposable>, IDisposable
    {
        public void Dispose() => ForEach(pause => pause.Dispose());
    }
}
