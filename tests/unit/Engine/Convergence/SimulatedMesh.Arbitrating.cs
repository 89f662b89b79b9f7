using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>The arbiter.</summary>
internal sealed partial class SimulatedMesh
{
    private static bool IsBlocked(SimulatedNode node) =>
        node.Phase switch
        {
            ArbiterPhase.Deciding => (node.Waiting & node.Locked) != 0,
            ArbiterPhase.Writing => (node.Due & node.Locked) != 0,
            _ => false,
        };

    private void Arbitrate(SimulatedNode node)
    {
        switch (node.Phase)
        {
            case ArbiterPhase.Idle:
                node.Vector = new NodeVector([.. Enumerable.Range(0, nodes.Length)], [.. node.Received]);
                node.Waiting = node.Round = node.Pending();
                node.IsCertified = node.IsNothingContested;
                node.Phase = ArbiterPhase.Deciding;
                break;
            case ArbiterPhase.Deciding when node.Waiting != 0 && (rules.HeartbeatWaits || choices.Next(2) == 0):
                Decide(node, node.Waiting);
                break;
            // What has come since does not hold back the heartbeat, but may be processed before it.
            case ArbiterPhase.Deciding when (node.Pending() & ~node.Locked) is var later and not 0 && choices.Next(3) == 0:
                Decide(node, later);
                break;
            case ArbiterPhase.Deciding:
                Beat(node);
                break;
            case ArbiterPhase.Writing:
                WriteRow(node);
                break;
            default:
                Tell(node);
                node.Phase = ArbiterPhase.Deciding;
                break;
        }
    }

    /// <summary>One transaction: some of the keys are decided, stored, announced and recorded.</summary>
    private void Decide(SimulatedNode node, int batch)
    {
        if ((batch & (batch - 1)) != 0 && choices.Next(2) == 1)
            batch &= -batch;
        if (rules.RevokesBeforeDeciding)
            node.IsCertified = false;
        node.Processed = new int[keys];
        for (var key = 0; key < keys; key++)
        {
            if ((batch & (1 << key)) == 0)
                continue;
            var state = new KeyState(Clock(node), node.Rows[key], node.Contested[key], node.Overwrites[key], node.Winners[key]);
            if (state is { Contested: null or { IsPending: false }, Overwrites.Count: 0, Winners.Count: 0 })
                continue;
            var decided = rules.Decide(state, node.Seq + 1);
            node.Overwrites[key].Clear();
            node.Processed[key] = node.Winners[key].Count;
            if (decided is not { } outcome)
                continue;
            Log(
                $"arbiter {node.Id} key {key}: row {Say(node.Rows[key])}; {Say(node.Contested[key]?.Version)} -> "
                    + $"{Say(outcome.Contested.Version)}{(outcome.Contested.IsUnapplied ? ", due" : "")}, {outcome.Reasons}, "
                    + $"{outcome.Losses.Count} lost"
            );
            node.Contested[key] = outcome.Contested;
            node.RowLosses[key] = outcome.RowLoss;
            if (outcome.Contested.IsWritable)
                node.Due |= 1 << key;
            Record(key, outcome.Losses);
        }

        node.Xid++;
        Tell(node);
        node.Waiting &= ~batch;
        node.Phase = ArbiterPhase.Writing;
    }

    /// <summary>Sends what is unsent of rows that are as they should be.</summary>
    private void Tell(SimulatedNode node)
    {
        List<(int Key, RowVersion Version)>? winners = null;
        for (var key = 0; key < keys; key++)
            if (node.Contested[key] is { } entry && (entry.IsToBeSent || (entry.IsUnsent && !rules.AnnouncesAfterWriting)))
            {
                (winners ??= []).Add((key, entry.Version));
                // As announce_keys.sql does.
                node.Contested[key] = entry with
                {
                    IsUnsent = false,
                    IsSent = true,
                    Touched = node.Seq + 1,
                };
            }

        if (winners is null)
            return;
        WinnersSent += winners.Count;
        node.Stream.Add(new SimulatedTransaction(default, [], winners, 0, null, 0));
    }

    /// <summary>
    /// One transaction each: winners that were processed are deleted, and rows are brought to what was decided, under
    /// its own stamp.
    /// </summary>
    private void WriteRow(SimulatedNode node)
    {
        if (node.Processed is { } processed)
        {
            for (var key = 0; key < keys; key++)
                node.Winners[key].RemoveRange(0, processed[key]);
            node.Processed = null;
            node.Xid++;
            if (node.Due != 0)
                return;
        }

        if (node.Due != 0)
        {
            var key = System.Numerics.BitOperations.TrailingZeroCount(node.Due);
            node.Due &= ~(1 << key);
            var entry = node.Contested[key]!;
            if (rules.MayWrite(entry, node.Rows[key]))
            {
                if (node.RowLosses[key] is { } loss)
                    Record(key, [loss]);
                node.Rows[key] = entry.Version.IsTombstone
                    ? null
                    : entry.Version with
                    {
                        IsIncomplete = HasLarge(key) && entry.Version.Stamp.Node != node.Id,
                    };
                node.Xmin[key] = ++node.Xid;
                // As RowRestorer does.
                node.Contested[key] = entry with
                {
                    IsUnapplied = false,
                    Replaces = null,
                };
                Log($"node {node.Id} key {key} is brought to {Say(entry.Version)}");
            }
            else
            {
                // As Arrivals: only what was there when the round began holds back its heartbeat.
                node.Waiting |= node.Round & (1 << key);
                Log($"node {node.Id} key {key} was written meanwhile: {Say(node.Rows[key])}");
            }
        }

        if (node.Due == 0)
            node.Phase = ArbiterPhase.Telling;
    }

    private void Beat(SimulatedNode node)
    {
        for (var key = 0; key < keys; key++)
            if (
                node.Contested[key] is { IsPending: false } entry
                && node.Overwrites[key].Count == 0
                && node.Winners[key].Count == 0
                && (node.Locked & (1 << key)) == 0
                && rules.MayPurge(node.Log, entry)
            )
            {
                var settled = KeyRules.Purge(entry, node.Rows[key], node.Seq + 1);
                node.Contested[key] = settled?.Contested;
                Record(key, settled?.Losses ?? []);
                Log(
                    $"node {node.Id} forgets key "
                        + $"{key}{(node.Contested[key] is null ? "" : ", and takes its incomplete image for complete")}"
                );
            }

        node.IsRewriteUnnoted = false;
        node.Seq++;
        var oldest = node.OpenXid != 0 && rules.OwnHeartbeatsKnowRunning ? node.OpenXid : node.Xid + 1;
        node.Xid++;
        node.Log.Add(new Heartbeat(node.Id, node.Seq, oldest, node.Vector!));
        node.Stream.Add(new SimulatedTransaction(default, [], [], node.Seq, node.Vector, 0));
        node.StableXid = rules.StableXid(node.Log) ?? 0;
        node.IsCertified = node.IsNothingContested;
        node.Phase = ArbiterPhase.Idle;
        Log($"heartbeat {node.Seq} of {node.Id}; horizon {node.StableXid}");
    }
}
