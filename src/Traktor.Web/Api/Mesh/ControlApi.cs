using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Nodes;
using Traktor.Web.Api.Requests;

namespace Traktor.Web.Api.Mesh;

/// <summary>Initialises a node and takes it out of the mesh.</summary>
internal static class ControlApi
{
    public static void MapControl(this RouteGroupBuilder arbiter)
    {
        var control = arbiter.MapGroup("/control").WithTags("Node");
        control.MapPut("", InitializeAsync).WithName("Initialize");
        control.MapDelete("", UninitializeAsync).WithName("Uninitialize");
    }

    /// <summary>Initialise this node</summary>
    /// <remarks>
    /// Creates the schema trktr and the publication in this node's database. It can be repeated, and then gives the
    /// schema back what someone has dropped.
    /// </remarks>
    /// <response code="201">The node is initialised now.</response>
    /// <response code="200">The node was initialised before.</response>
    internal static async Task<Results<Created<InitializeReport>, Ok<InitializeReport>>> InitializeAsync(
        Arbiter arbiter,
        Caller caller,
        CancellationToken cancel
    )
    {
        var report = await arbiter.As(caller.Actor).InitializeAsync(cancel);
        return report.Created ? TypedResults.Created("/v1/arbiter/status", report) : TypedResults.Ok(report);
    }

    /// <summary>Take this node out</summary>
    /// <remarks>
    /// Removes the subscriptions with their slots on the peers, the publications, the triggers and the schema trktr. It
    /// finishes also when a peer cannot be reached, and reports what remains there.
    /// </remarks>
    /// <response code="200">Nothing of Traktor is left on this node; leftovers names what remains on peers.</response>
    internal static async Task<Ok<UninitializeReport>> UninitializeAsync(Arbiter arbiter, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.As(caller.Actor).UninitializeAsync(cancel));
}
