using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Convergence;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Json;

namespace Traktor.Web.Peers;

/// <summary>Has other nodes announce their rows, through the REST API of their arbiters.</summary>
internal sealed class PeerRepairs(ArbiterCalls calls) : IPeerRepairs
{
    private static readonly TimeSpan LongestWork = TimeSpan.FromMinutes(2);

    public async Task<RepairedRows> AnnounceAsync(
        PeerArbiter peer,
        Actor actor,
        string relation,
        IReadOnlyList<RowChoice> rows,
        CancellationToken cancel
    )
    {
        var answer = await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Post,
            $"v1/arbiter/announcements/{Uri.EscapeDataString(relation)}",
            JsonSerializer.Serialize(
                new AnnouncementRequest([.. rows.Select(AnnouncedRowRequest.Of)]),
                ApiJsonOptions.Wire.AnnouncementRequest
            ),
            ApiJsonOptions.Wire.RepairedRows,
            cancel,
            LongestWork
        );
        return answer.Node == peer.Node && answer.Taken.Count == rows.Count
            ? answer
            : throw RefusedException.Unavailable($"{PeerWords.Arbiter(peer)} is that of node {answer.Node}.");
    }
}
