using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Audit;
using Traktor.Engine.Audit.Mesh;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Contracts.Json;

namespace Traktor.Web.Peers;

/// <summary>What other nodes have of the audit log, through the REST API of their arbiters.</summary>
internal sealed class PeerAudits(ArbiterCalls calls) : IPeerAudits
{
    // Every entry is read, and there may be millions.
    private static readonly TimeSpan LongestWork = TimeSpan.FromMinutes(10);

    public async Task<AuditReport> VerifyAsync(PeerArbiter peer, Actor actor, CancellationToken cancel)
    {
        var report = await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Get,
            "v1/arbiter/audit/verification?others=false",
            null,
            ApiJsonOptions.Wire.AuditReport,
            cancel,
            LongestWork
        );
        return report.Node == peer.Node
            ? report
            : throw RefusedException.Unavailable($"{PeerWords.Arbiter(peer)} is that of node {report.Node}.");
    }
}
