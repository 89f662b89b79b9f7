using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.UnitTests.Engine.Replicasets.Opening;

/// <summary>The publisher.</summary>
internal sealed partial class OpeningWorld
{
    /// <summary>One half of TableOpener.AdvanceAsync: looking and deciding, or carrying out what was decided.</summary>
    private void Advance()
    {
        if (open is not { } now)
        {
            if (Opening is null)
                return;
            var entry = Entry();
            int[] subscribers = [.. Peers.Where(peer => peer.HasSlot).Select(peer => peer.Node)];
            var step = decide(entry, subscribers);
            if (step.Action != OpeningAction.Wait)
                open = (entry, step, subscribers);
            return;
        }

        open = null;
        Log.Add($"publisher: {now.Step.Action} {string.Join(' ', now.Step.Nodes)} (excluded: {string.Join(' ', excluded)})");
        Carry(now.Step);
        foreach (var node in now.Step.WhoLacksRows(now.Entry, now.Subscribers))
            resync.Add(node);
    }

    private void Carry(OpeningStep step)
    {
        switch (step.Action)
        {
            case OpeningAction.Close:
                Assert.Null(main);
                main = false;
                break;
            case OpeningAction.Withdraw:
                Assert.False(main);
                main = null;
                break;
            case OpeningAction.Open:
                main = true;
                ahead.Clear();
                (state, Opening, excluded) = (TableState.Committed, null, []);
                return;
            case OpeningAction.CloseAhead:
                foreach (var node in step.Nodes)
                    ahead.Add(node, false);
                break;
            case OpeningAction.WithdrawAhead:
                foreach (var node in step.Nodes)
                    Assert.True(ahead.Remove(node));
                break;
            case OpeningAction.OpenAhead:
                foreach (var node in step.Nodes)
                    ahead[node] = true;
                (state, excluded) = (TableState.Committed, []);
                return;
        }

        Opening = NewId();
    }

    private void Patch(bool force)
    {
        Log.Add(force ? "force" : "commit");
        if (!force)
            (Opening, excluded) = (NewId(), []);
        else
            excluded =
            [
                .. Peers
                    .Where(peer => peer.HasSlot && (!peer.HasArbiter || Word(peer.Node)?.Stage is not (Stage.Able or Stage.Subscribed)))
                    .Select(peer => peer.Node),
            ];
    }

    private void Write()
    {
        rows++;
        foreach (var peer in Peers.Where(peer => peer.HasSlot))
            if (main == true || ahead.GetValueOrDefault(peer.Node))
                peer.Send(rows);
            else if (IsCommitted)
                peer.Missed.Add(rows);
    }

    private Readiness? Word(int node) => words.TryGetValue(node, out var said) && said.Opening == Opening ? said.Word : null;

    private ReplicasetEntry Entry() =>
        new(
            new TableName("app", "orders"),
            state,
            "last_update_wins",
            true,
            Opening,
            excluded,
            Exists: true,
            IsOpen: main == true,
            IsClosed: main == false,
            ahead.Where(peer => peer.Value).Select(peer => peer.Key).ToHashSet(),
            ahead.Where(peer => !peer.Value).Select(peer => peer.Key).ToHashSet(),
            words.Where(word => word.Value.Opening == Opening).ToDictionary(word => word.Key, word => word.Value.Word),
            [.. resync.Select(node => new ResyncMark(Guid.Empty, node, ResyncReason.Excluded, default))]
        );

    private Guid NewId()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
