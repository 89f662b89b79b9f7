using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Targets;

namespace Traktor.Engine.Healing.Applying;

/// <summary>
/// Applies a peer's transactions in order while conflicts keep coming, and decides when the server's apply worker can
/// take over. The server restarts a worker that has just failed only after <c>wal_retrieve_retry_interval</c>, even if
/// its subscription was disabled and enabled in between. Until then the arbiter applies.
/// </summary>
/// <param name="session">The session that applies.</param>
/// <param name="reader">Where the transactions come from.</param>
/// <param name="peer">How far the peer has written its WAL.</param>
/// <param name="workerWait">How long the server would wait before it starts a worker.</param>
internal sealed class BacklogApplier(ApplySession session, RemoteTransactionReader reader, PeerPosition peer, TimeSpan workerWait)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan NothingToRead = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMilliseconds(200);

    private readonly PipelinedApplier pipelined = new(session);
    private readonly DurableProgress durable = new(session, reader);
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private TimeSpan lastConflict;
    private SteppedApplier? large;
    private IReadOnlyList<RemoteChange> largeBegin = [];
    private long largeCount;
    private NpgsqlLogSequenceNumber? committedTo;

    /// <summary>Transactions applied so far.</summary>
    public long Transactions { get; private set; }

    /// <summary>Whether a large transaction has been applied in part.</summary>
    public bool IsInsideTransaction => large is not null;

    /// <summary>Conflicts decided in these transactions.</summary>
    public long Conflicts { get; private set; }

    /// <summary>
    /// Applies until the apply worker can take over. Returns the transaction whose conflicts need a decision; null when
    /// there is none.
    /// </summary>
    /// <exception cref="ApplyFault">A table must be fixed.</exception>
    public async Task<WaitingTransaction?> RunAsync(CancellationToken cancel)
    {
        while (!MayHandBack())
        {
            if (large is null)
                await durable.ConfirmAsync(committedTo, cancel);
            var parts = await NextAsync(cancel);
            if (parts.Count == 0)
            {
                if (
                    Transactions == 0
                    && large is null
                    && clock.Elapsed > NothingToRead
                    && await peer.IsReachedAsync(reader.Received, cancel)
                )
                    break;
                continue;
            }

            FaultPoint.Reach(FaultPoint.Read);
            await session.LookAtPoliciesAsync(cancel);
            for (var at = 0; at < parts.Count; )
            {
                var (done, waiting) = parts[at].IsWhole
                    ? await ApplyWholeAsync(parts, at, cancel)
                    : await ApplyPartAsync(parts[at], cancel);
                if (waiting is not null)
                    return waiting;
                at += done;
            }
        }

        return null;
    }

    private bool MayHandBack() => large is null && Transactions > 0 && clock.Elapsed > workerWait && clock.Elapsed - lastConflict > Quiet;

    /// <summary>What has been read so far, up to one batch; empty when nothing arrives within a tick.</summary>
    private async Task<IReadOnlyList<RemotePart>> NextAsync(CancellationToken cancel)
    {
        var parts = new List<RemotePart>();
        using var tick = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        tick.CancelAfter(Tick);
        try
        {
            if (!await reader.Batches.WaitToReadAsync(tick.Token))
                return parts;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return parts;
        }

        for (
            var changes = 0;
            changes < RemoteTransactionReader.MostChanges && reader.Batches.TryRead(out var batch);
            changes += batch.Sum(part => part.Changes.Count)
        )
            parts.AddRange(batch);
        return parts;
    }

    /// <summary>Applies as many small transactions as follow one another.</summary>
    private async Task<(int Done, WaitingTransaction? Waiting)> ApplyWholeAsync(
        IReadOnlyList<RemotePart> parts,
        int at,
        CancellationToken cancel
    )
    {
        var whole = parts.Skip(at).TakeWhile(part => part.IsWhole).ToList();
        var committed = 0;
        if (CanPipeline)
        {
            var result = await pipelined.ApplyAsync(whole, cancel);
            committed = result.Committed;
            Count(committed, result.Conflicts);
            if (committed > 0)
                committedTo = whole[committed - 1].End;
            if (committed > 0)
                FaultPoint.Reach(FaultPoint.Committed);
            if (committed == whole.Count)
                return (committed, null);
            if (result.Failure is { } failure && ApplyErrors.IsServerTrouble(failure))
                throw failure;
        }

        var waiting = await ApplyAloneAsync(whole[committed], cancel);
        return (committed + 1, waiting);
    }

    /// <summary>When AutoHeal is off every conflict needs a decision, so each transaction is examined alone.</summary>
    private bool CanPipeline => session.Terms.AutoHeal;

    private async Task<WaitingTransaction?> ApplyAloneAsync(RemotePart part, CancellationToken cancel)
    {
        for (var pause = TimeSpan.FromMilliseconds(2); ; pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry)
        {
            var applier = await SteppedApplier.BeginAsync(session, part.Transaction, cancel);
            try
            {
                await applier.ApplyAsync(part.Changes, cancel);
                return await EndAsync(applier, part, part.Changes, part.Changes.Count, cancel);
            }
            catch (PostgresException e) when (ApplyErrors.IsTransient(e))
            {
                await applier.RollbackAsync(cancel);
                if (ApplyErrors.IsRoutineGone(e))
                    session.ForgetRoutines();
            }
            catch (ApplyFault)
            {
                await applier.RollbackAsync(cancel);
                throw;
            }

            await Task.Delay(pause, cancel);
        }
    }

    /// <summary>
    /// Applies a part of a large transaction, which stays open until its last part. Its first changes are kept, to be
    /// shown with its conflicts.
    /// </summary>
    private async Task<(int Done, WaitingTransaction? Waiting)> ApplyPartAsync(RemotePart part, CancellationToken cancel)
    {
        if (large is null)
        {
            large = await SteppedApplier.BeginAsync(session, part.Transaction, cancel);
            (largeBegin, largeCount) = (part.Changes, 0);
        }

        largeCount += part.Changes.Count;
        await large.ApplyAsync(part.Changes, cancel);
        if (part.End is null)
            return (1, null);
        var applier = large;
        large = null;
        return (1, await EndAsync(applier, part, largeBegin, largeCount, cancel));
    }

    private async Task<WaitingTransaction?> EndAsync(
        SteppedApplier applier,
        RemotePart part,
        IReadOnlyList<RemoteChange> changes,
        long count,
        CancellationToken cancel
    )
    {
        var conflicts = await applier.EndAsync(part.End!.Value, changes, count, cancel);
        if (conflicts.Count > 0)
        {
            FaultPoint.Reach(FaultPoint.PendingFound);
            return new WaitingTransaction(part.Transaction, conflicts, changes, count);
        }

        Count(1, applier.Conflicts);
        committedTo = part.End;
        FaultPoint.Reach(FaultPoint.Committed);
        return null;
    }

    private void Count(int transactions, int conflicts)
    {
        Transactions += transactions;
        Conflicts += conflicts;
        if (conflicts > 0)
            lastConflict = clock.Elapsed;
    }
}

/// <summary>A transaction with conflicts that need a decision. Nothing of it is applied.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Conflicts">The conflicts as JSON objects of <c>trktr.history</c>.</param>
/// <param name="Changes">Its changes; of a large transaction the first ones.</param>
/// <param name="Count">How many changes it has.</param>
internal sealed record WaitingTransaction(
    RemoteTransaction Transaction,
    IReadOnlyList<string> Conflicts,
    IReadOnlyList<RemoteChange> Changes,
    long Count
);
