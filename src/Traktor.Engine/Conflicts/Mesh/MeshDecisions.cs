using System.Text.Json;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>
/// Decides a row rather than one node's conflict: records the decision on this node, then the corresponding decision on
/// every node where the same row waits. It is not one transaction: the report names nodes that could not be reached,
/// and their conflicts keep waiting.
/// </summary>
public sealed class MeshDecisions(int node, ConflictDecisions decisions, History history, MeshArbiters mesh, IPeerArbiters? peers)
{
    /// <summary>
    /// Decides on this node, and for <paramref name="actor"/> on the peers too; null for this node only.
    /// </summary>
    /// <exception cref="RefusedException">This node cannot take the decision; nothing was done on any node.</exception>
    public async Task<DecisionReport> DecideAsync(long id, HandDecision decision, string by, Actor? actor, CancellationToken cancel)
    {
        var decided = await decisions.DecideAsync(id, decision, by, cancel);
        List<NodeAnswer> nodes = [new(node, AnswerKind.Done, id, decision.Resolution)];
        if (actor is not null && peers is not null && decided.Key is { ValueKind: JsonValueKind.Object } key)
            nodes.AddRange(
                await mesh.AskAllAsync(
                    (peer, stop) => DecideThereAsync(peers, peer, actor, decided, key, decision.Resolution, by, stop),
                    cancel
                )
            );
        var now = await history.FindAsync(id, cancel);
        return new DecisionReport(node, now.Conflict, now.Undecided, nodes);
    }

    private async Task<IReadOnlyList<NodeAnswer>> DecideThereAsync(
        IPeerArbiters arbiters,
        PeerArbiter peer,
        Actor actor,
        HistoryEntry decided,
        JsonElement key,
        Resolution decision,
        string by,
        CancellationToken cancel
    )
    {
        var waiting = (await arbiters.PendingAsync(peer, actor, decided.Relation, key, cancel))
            .Where(entry => entry.Decision is null && entry.ConflictType != ConflictType.ApplyError)
            .ToList();
        if (waiting.Count == 0)
            return [new NodeAnswer(peer.Node, AnswerKind.Nothing, Detail: "No conflict of this row is waiting on that node.")];
        var outcomes = new List<NodeAnswer>();
        foreach (var theirs in waiting)
            outcomes.Add(await DecideOneAsync(arbiters, peer, actor, theirs, Complement.Of(decided, decision, theirs), by, cancel));
        return outcomes;
    }

    private async Task<NodeAnswer> DecideOneAsync(
        IPeerArbiters arbiters,
        PeerArbiter peer,
        Actor actor,
        HistoryEntry theirs,
        Resolution? complement,
        string by,
        CancellationToken cancel
    )
    {
        if (complement is not { } resolution)
            return new NodeAnswer(
                peer.Node,
                AnswerKind.Nothing,
                theirs.Id,
                Detail: "That node's conflict of this row is between other versions; it is still waiting."
            );
        try
        {
            await arbiters.DecideAsync(peer, actor, theirs.Id, new HandDecision(resolution, null, OnThisNode(by)), cancel);
            return new NodeAnswer(peer.Node, AnswerKind.Done, theirs.Id, resolution);
        }
        catch (RefusedException e)
        {
            return new NodeAnswer(
                peer.Node,
                e.Kind == RefusalKind.Unavailable ? AnswerKind.Unreachable : AnswerKind.Refused,
                theirs.Id,
                Detail: e.Message
            );
        }
    }

    private string OnThisNode(string by)
    {
        var text = $"{by}, on node {node}";
        return text.Length > HandDecision.LongestBy ? text[..HandDecision.LongestBy] : text;
    }
}
