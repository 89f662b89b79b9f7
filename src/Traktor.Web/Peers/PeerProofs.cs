using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Json;

namespace Traktor.Web.Peers;

/// <summary>Tells other nodes which tables are equal, through the REST API of their arbiters.</summary>
internal sealed class PeerProofs(ArbiterCalls calls) : IPeerProofs
{
    public async Task NoteAsync(PeerArbiter peer, Actor actor, EqualTables equal, CancellationToken cancel)
    {
        var answer = await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Post,
            "v1/arbiter/proofs",
            JsonSerializer.Serialize(ProofRequest.Of(equal), ApiJsonOptions.Wire.ProofRequest),
            ApiJsonOptions.Wire.NotedProofs,
            cancel
        );
        if (answer.Node != peer.Node)
            throw RefusedException.Unavailable($"{PeerWords.Arbiter(peer)} is that of node {answer.Node}.");
    }
}
