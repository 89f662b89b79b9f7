using System.Collections.Concurrent;
using System.Threading.Channels;
using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Healing.Applying;
using Traktor.Engine.Healing.Reading;
using Traktor.Engine.Healing.Sessions;
using Traktor.Engine.Healing.Waiting;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Slots;

namespace Traktor.Engine.Healing;

/// <summary>
/// One heal of one subscription: disable it, read its slot, apply row by row what the apply worker cannot apply, and
/// enable it again. It can be killed between any two steps and started again: the replication origin's progress moves
/// in the transactions that write the rows, so it shows what was applied. Cancelling a heal does not wait for the peer,
/// because over a dead link even a cancel request gets no answer.
/// </summary>
internal sealed class Healer(LocalNode local, Peers peers, bool autoHeal)
{
    private static readonly TimeSpan SlotPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<int, RemoteTransactionReader> readers = new();

    /// <summary>Whether more has been read from a peer than is being applied.</summary>
    public bool IsBehind => readers.Values.Any(reader => reader.Batches.Count > 1);

    /// <summary>
    /// Heals. Npgsql's exceptions propagate when this node's own server fails; the heal then stays recorded and is
    /// started again later.
    /// </summary>
    public async Task<HealOutcome> HealAsync(int inbound, uint subscription, bool isRepeating, CancellationToken cancel)
    {
        if (await FindConninfoAsync(subscription, cancel) is not { } conninfo)
            return new HealOutcome(HealEnd.Overruled);
        if (!await AnswersAsync(conninfo, cancel).WaitAsync(cancel))
        {
            await HandBackAsync(inbound, subscription, cancel);
            return new HealOutcome(HealEnd.PeerLost);
        }

        if (!await HealingNote.BeginAsync(local, inbound, subscription, isRepeating, cancel))
            return new HealOutcome(HealEnd.Overruled);
        FaultPoint.Reach(FaultPoint.Disabled);
        var outcome = await ApplyAsync(inbound, subscription, conninfo, cancel);
        switch (outcome.End)
        {
            case HealEnd.Awaiting:
                await HealingNote.WaitAsync(local, inbound, "awaiting", outcome.Note!, cancel);
                break;
            case HealEnd.Stuck:
                await HealingNote.WaitAsync(local, inbound, "stuck", outcome.Note!, cancel);
                break;
            default:
                await AwaitFreeSlotAsync(inbound, conninfo, cancel).WaitAsync(cancel);
                FaultPoint.Reach(FaultPoint.OriginReleased);
                await HealingNote.EndAsync(local, inbound, subscription, cancel);
                FaultPoint.Reach(FaultPoint.Enabled);
                break;
        }

        return outcome;
    }

    private async Task<HealOutcome> ApplyAsync(int inbound, uint subscription, Conninfo conninfo, CancellationToken cancel)
    {
        await using var session = await ApplySession.OpenAsync(local.Database, local.NodeId, inbound, subscription, autoHeal, cancel);
        FaultPoint.Reach(FaultPoint.OriginHeld);
        BacklogApplier backlog;
        WaitingTransaction? waiting = null;
        ApplyFault? fault = null;
        string? unreadable = null;
        var end = HealEnd.HandedBack;
        await using (
            var reader = new RemoteTransactionReader(conninfo, local.NodeId, inbound, session.IsFiltered, session.Progress, cancel)
        )
        {
            var wait = await WorkerWaitAsync(session, inbound, cancel);
            backlog = new BacklogApplier(session, reader, new PeerPosition(peers, conninfo), wait);
            readers[inbound] = reader;
            try
            {
                waiting = await backlog.RunAsync(cancel);
            }
            catch (ApplyFault e)
            {
                fault = e;
            }
            catch (Exception e) when (e is ChannelClosedException || PostgresErrors.IsFromServer(e) && reader.Batches.Completion.IsFaulted)
            {
                end = HealEnd.PeerLost;
                unreadable = WhyUnreadable(inbound, reader.Batches.Completion.Exception?.GetBaseException());
            }
            finally
            {
                readers.TryRemove(inbound, out _);
            }
        }

        await session.ReleaseAsync(backlog.IsInsideTransaction, cancel);
        if (fault is { IsPartitionMissing: true, Table: { } table })
            fault = fault.With(await PartitionHintAsync(conninfo, table, cancel) ?? fault.Hint);
        if (waiting is not null)
            return new HealOutcome(
                HealEnd.Awaiting,
                backlog.Transactions,
                backlog.Conflicts,
                await WaitingRecord.WriteAsync(local, inbound, waiting, cancel)
            );
        if (fault is { IsUntranslatable: true, Change: RowChange change })
        {
            await using var here = await local.OpenServerAsync(cancel);
            if (await Untranslatable.FindAsync(here, change, cancel) is { } character)
                fault = fault.With(character, change);
        }

        if (unreadable is not null)
            throw RefusedException.Conflict(unreadable);
        return fault is not null
            ? new HealOutcome(
                HealEnd.Stuck,
                backlog.Transactions,
                backlog.Conflicts,
                await WaitingRecord.WriteAsync(local, inbound, fault, cancel),
                fault
            )
            : new HealOutcome(end, backlog.Transactions, backlog.Conflicts);
    }

    /// <summary>
    /// What the peer's server answered where it cannot decode or convert its changes: enabling the subscription would
    /// meet the same error. Null for everything else.
    /// </summary>
    private static string? WhyUnreadable(int inbound, Exception? error) =>
        error is PostgresException { SqlState: ['2', '2', ..] or ['X', 'X', ..] } refused
            ? $"Node {inbound} cannot send its changes: {PostgresErrors.InWords(refused)}"
            : null;

    /// <summary>Which partition to make; null when the peer does not say.</summary>
    private async Task<string?> PartitionHintAsync(Conninfo conninfo, TableName table, CancellationToken cancel)
    {
        await using var here = await local.OpenServerAsync(cancel);
        try
        {
            await using var peer = await peers.For(conninfo).OpenAsync(cancel);
            return $"{await MissingPartitions.HintAsync(here, peer, table, cancel)} Replication then resumes.";
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            return null;
        }
    }

    /// <summary>
    /// How long the server would wait before it starts its apply worker if the subscription were enabled now. The
    /// launcher remembers when it last started the worker that failed, and has started none since the arbiter disabled
    /// the subscription.
    /// </summary>
    private static async Task<TimeSpan> WorkerWaitAsync(ApplySession session, int inbound, CancellationToken cancel) =>
        TimeSpan.FromMilliseconds(
            await session.Connection.ExecuteScalarAsync<int>(
                new CommandDefinition(SqlFile.Read("Healing/read_worker_wait.sql"), new { inbound }, cancellationToken: cancel)
            )
        );

    private async Task<Conninfo?> FindConninfoAsync(uint subscription, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        var text = await connection.QuerySingleOrDefaultAsync<string>(
            new CommandDefinition(
                "select subconninfo from pg_subscription where oid = @subscription",
                new { subscription = (long)subscription },
                cancellationToken: cancel
            )
        );
        return text is null ? null : Conninfo.Parse(text);
    }

    /// <summary>An unreachable peer is left to PostgreSQL, which reconnects by itself.</summary>
    private async Task<bool> AnswersAsync(Conninfo conninfo, CancellationToken cancel)
    {
        try
        {
            await using var peer = await peers.For(conninfo).OpenAsync(cancel);
            await peer.ExecuteAsync(new CommandDefinition("select 1", cancellationToken: cancel));
            return true;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            return false;
        }
    }

    /// <summary>
    /// Enables a subscription that a killed arbiter left disabled, so that the apply worker waits for the peer instead
    /// of the arbiter.
    /// </summary>
    private async Task HandBackAsync(int inbound, uint subscription, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        var isOurs = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                "select healing_state = 'healing' from trktr.subscription where inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        );
        if (isOurs)
            await HealingNote.EndAsync(local, inbound, subscription, cancel);
    }

    /// <summary>Waits until the heal's own walsender has released the slot.</summary>
    private async Task AwaitFreeSlotAsync(int inbound, Conninfo conninfo, CancellationToken cancel)
    {
        try
        {
            await using var peer = await peers.For(conninfo).OpenAsync(cancel);
            await PeerSlot.AwaitFreeAsync(peer, local.NodeId, inbound, SlotPatience, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            // The link is down: there is no slot to wait for.
        }
    }
}
