using System.Globalization;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Tables;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Peers;

/// <summary>The calls of the engine to other arbiters, through their REST API.</summary>
internal sealed class PeerArbiters(ArbiterCalls calls) : IPeerArbiters
{
    public async Task<IReadOnlyList<HistoryEntry>> PendingAsync(
        PeerArbiter peer,
        Actor actor,
        string relation,
        JsonElement key,
        CancellationToken cancel
    )
    {
        var path =
            $"v1/arbiter/conflicts?state=pending&limit={HistoryFilter.LargestPage}"
            + $"&relation={Uri.EscapeDataString(relation)}&key={Uri.EscapeDataString(key.GetRawText())}";
        var page = await calls.CallAsync(peer, actor, HttpMethod.Get, path, null, ApiJsonOptions.Wire.ConflictPage, cancel);
        return page.Node == peer.Node
            ? page.Conflicts
            : throw RefusedException.Unavailable(
                $"{PeerWords.Arbiter(peer)} is that of node {page.Node}. Correct PublicURL in the arbiter.ini of node {peer.Node}."
            );
    }

    public async Task DecideAsync(PeerArbiter peer, Actor actor, long id, HandDecision decision, CancellationToken cancel)
    {
        var body = ResolutionBody.Of(decision with { Expected = null }, Scope.Node);
        var path = string.Create(CultureInfo.InvariantCulture, $"v1/arbiter/conflicts/{id}/resolution");
        await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Post,
            path,
            JsonSerializer.Serialize(body, ApiJsonOptions.Wire.ResolutionBody),
            ApiJsonOptions.Wire.DecisionReport,
            cancel
        );
    }

    public async Task SetPolicyAsync(
        PeerArbiter peer,
        Actor actor,
        string relation,
        Policy? policy,
        bool? detector,
        CancellationToken cancel
    ) =>
        await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Put,
            $"v1/arbiter/policy/{Uri.EscapeDataString(relation)}",
            JsonSerializer.Serialize(new PolicyRequest(policy, detector), ApiJsonOptions.Wire.PolicyRequest),
            ApiJsonOptions.Wire.PolicyChange,
            cancel
        );

    public async Task SetPrioritiesAsync(
        PeerArbiter peer,
        Actor actor,
        IReadOnlyDictionary<int, int> priorities,
        CancellationToken cancel
    ) =>
        await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Put,
            "v1/arbiter/priority",
            JsonSerializer.Serialize(PriorityRequest.Of(priorities), ApiJsonOptions.Wire.PriorityRequest),
            ApiJsonOptions.Wire.PriorityChange,
            cancel
        );
}
