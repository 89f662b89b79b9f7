using System.Text.Json;
using Traktor.Engine.Nodes;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>
/// Joins a mesh with its data, while everybody writes. Slots on all other nodes keep their changes from before the
/// source's snapshot; the source says what of them the snapshot has; the subscriptions begin there. Every step looks
/// first what is done: after a kill the task is simply run again.
/// </summary>
internal sealed class JoinTask(
    LocalNode local,
    JoinStore store,
    JoinUndo undo,
    SubscriptionControl control,
    JoinCopying copying,
    JoinOpening opening,
    JoinEnding ending
) : ITaskKind
{
    /// <summary>Its name.</summary>
    public const string Kind = "join";

    public string Name => Kind;

    public async Task<JsonElement?> RunAsync(TaskRun run, CancellationToken cancel)
    {
        var state =
            await store.FindAsync(run.Id, cancel) ?? throw RefusedException.Conflict("What the join was to do is not known any more.");
        var others = state.Peers.Where(peer => peer.Node != local.NodeId).ToList();
        var source = others.First(peer => peer.Node == state.Source);
        if (state.Phase == JoinPhase.Copying)
        {
            await copying.PrepareAsync(run, state, others, cancel);
            await copying.CopyAsync(run, source, others, cancel);
            await store.SetPhaseAsync(run.Id, JoinPhase.Opening, cancel);
            state = state with { Phase = JoinPhase.Opening };
        }

        var tables = await store.TablesAsync(run.Id, cancel);
        if (state.Phase == JoinPhase.Opening)
        {
            await opening.OpenAsync(run, source, tables, cancel);
            FaultPoint.Reach(FaultPoint.JoinOpened);
            await opening.AdvanceAsync(run, others, cancel);
            state = state with { Phase = JoinPhase.Advanced };
            FaultPoint.Reach(FaultPoint.JoinAdvanced);
        }

        if (state.Phase == JoinPhase.Advanced)
        {
            foreach (var peer in others)
            {
                await control.ResumeAsync(peer.Node, cancel);
                FaultPoint.Reach(FaultPoint.JoinResumed);
            }

            await store.SetPhaseAsync(run.Id, JoinPhase.Joined, cancel);
            await run.LogAsync("Every row is copied: this node receives what the others write.", cancel);
            await undo.DropOriginsAsync(cancel);
        }

        await ending.CatchUpAsync(run, others, cancel);
        var found = await ending.CompareAsync(run, state, cancel);
        var copied = await store.RangesAsync(run.Id, cancel);
        await store.DeleteAsync(run.Id, cancel);
        return JsonSerializer.SerializeToElement(
            new
            {
                source = state.Source,
                nodes = others.Select(peer => peer.Node).Append(local.NodeId).Order(),
                tables = tables.Count,
                rows = copied.Sum(range => range.RowCount),
                comparison = found.Id,
                equal = found.Equal,
                different = found.Different,
                in_flight = found.InFlight,
                problem = found.Problem,
            }
        );
    }

    public async Task UndoAsync(TaskRun run, CancellationToken cancel)
    {
        if (await store.FindAsync(run.Id, cancel) is { } state)
            await undo.UndoAsync(run, state, cancel);
    }
}
