using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Audit.Mesh;

/// <summary>
/// Checks this node's audit log against what the other nodes have of it: a log that was cut at its end, or written anew
/// as a whole, is a chain without a fault, and only the copies tell.
/// </summary>
/// <param name="verification">The check of this node's database.</param>
/// <param name="mesh">Finds the other arbiters.</param>
/// <param name="peers">The way to them; null where there is none.</param>
public sealed class MeshAudit(AuditVerification verification, MeshArbiters mesh, IPeerAudits? peers)
{
    /// <summary>Checks this node's log; with <paramref name="withOthers"/> also against the others' copies.</summary>
    /// <exception cref="RefusedException">Unavailable; Conflict when the node is not initialised, or the table is
    /// missing.</exception>
    public async Task<AuditReport> VerifyAsync(bool withOthers, Actor actor, CancellationToken cancel)
    {
        if (!withOthers || peers is null)
            return await verification.VerifyAsync([], cancel);

        // They are asked first: whatever they have then has been written here before.
        var ends = new List<ChainEnd>();
        var answers = await mesh.AskAllAsync(
            async (peer, stop) =>
            {
                var report = await peers.VerifyAsync(peer, actor, stop);
                lock (ends)
                    ends.AddRange(report.Chains.Select(chain => ChainEnd.Of(peer.Node, chain)));
                return [new NodeAnswer(peer.Node, AnswerKind.Done)];
            },
            cancel
        );
        return await verification.VerifyAsync(ends, cancel) with
        {
            Others = [.. answers.Select(answer => new AuditPeer(answer.Node, answer.Result == AnswerKind.Done, answer.Detail))],
        };
    }
}
