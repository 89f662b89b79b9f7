using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Contracts.Tables;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Api.Tables;

/// <summary>Policies and priorities.</summary>
internal static class PolicyApi
{
    private const string ScopeWords = "node (default): this node only; mesh: all nodes, through their arbiters.";

    public static void MapPolicies(this RouteGroupBuilder arbiter)
    {
        var policy = arbiter.MapGroup("").WithTags("Policies");
        policy.MapGet("/policy", ReadAsync).WithName("Policies");
        policy.MapPut("/policy/{**table}", SetAsync).WithName("SetPolicy").WithMetadata(Problem.NotFoundMetadata);
        policy.MapPut("/priority", SetPrioritiesAsync).WithName("SetPriorities");
    }

    /// <summary>Read policies</summary>
    /// <response code="200">The policy of each table of the replicaset, and the nodes' priorities.</response>
    internal static async Task<Ok<PolicyReport>> ReadAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.PoliciesAsync(cancel));

    /// <summary>Set a table's policy, or exempt it from the detector</summary>
    /// <remarks>
    /// detector false removes the triggers that detect silent conflicts of the table; true creates them. The policy
    /// must be the same on all nodes; where nodes differ, replicaset/status has a finding. It takes effect with the
    /// next transaction.
    /// </remarks>
    /// <response code="200">The policy is set; nodes says what each node did.</response>
    /// <response code="404">The table is not in this node's replicaset.</response>
    internal static async Task<Ok<PolicyChange>> SetAsync(
        Arbiter arbiter,
        Caller caller,
        TablePath relation,
        JsonBody<PolicyRequest> body,
        [FromQuery, Description(ScopeWords)] string? scope,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await arbiter.As(caller.Actor).SetPolicyAsync(relation.Name, body.Value.Policy, body.Value.Detector, IsMesh(scope), cancel)
        );

    /// <summary>Set the nodes' priorities</summary>
    /// <remarks>
    /// For the policy node_priority: the smallest number is the best. Nodes that are left out have their NodeID as
    /// priority.
    /// </remarks>
    /// <response code="200">The priorities are set; nodes says what each node did.</response>
    internal static async Task<Ok<PriorityChange>> SetPrioritiesAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<PriorityRequest> body,
        [FromQuery, Description(ScopeWords)] string? scope,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.As(caller.Actor).SetPrioritiesAsync(body.Value.ByNode(), IsMesh(scope), cancel));

    private static bool IsMesh(string? scope) => scope is not null && ConflictWords.Read<Scope>(scope, "scope") == Scope.Mesh;
}
