using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Joining;
using Traktor.Engine.Tasks;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Mesh;

namespace Traktor.Web.Api.Mesh;

/// <summary>Joins a mesh with its data; and exports snapshots for nodes that do.</summary>
internal static class JoinApi
{
    public static void MapJoin(this RouteGroupBuilder arbiter)
    {
        var join = arbiter.MapGroup("").WithTags("Node");
        join.MapPut("/join", JoinAsync).WithName("Join");
        var snapshots = arbiter.MapGroup("/snapshots").WithTags("Mesh");
        snapshots.MapPut("/{node:int}", ExportAsync).WithName("ExportSnapshot");
        snapshots.MapGet("/{node:int}", FindAsync).WithName("Snapshot");
        snapshots.MapDelete("/{node:int}", EndAsync).WithName("EndSnapshot");
    }

    /// <summary>Join a mesh</summary>
    /// <remarks>
    /// Checks this node and the mesh, initialises this node, and starts a task that links it with all nodes of the
    /// mesh, copies the rows of one of them while everybody writes, catches up, and compares. The tables exist here,
    /// and are empty. Needs the role admin.
    /// </remarks>
    /// <response code="202">The task is queued; Location is its address.</response>
    /// <response code="409">The node cannot join; nothing was changed.</response>
    /// <response code="422">A server's settings or privileges do not allow it; nothing was changed.</response>
    internal static async Task<Accepted<TaskReport>> JoinAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<JoinRequest> body,
        CancellationToken cancel
    )
    {
        var report = await arbiter.As(caller.Actor).JoinAsync(body.Value.ToOrder(), cancel);
        return TypedResults.Accepted(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{report.Task.Id}"), report);
    }

    /// <summary>Export a snapshot</summary>
    /// <remarks>
    /// For the arbiter of a node that joins and has claimed its slot here. Stops applying for a moment, makes the slot,
    /// and exports the snapshot with which it begins. Needs the role admin.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="node">NodeID of the node that joins.</param>
    /// <param name="body">What this node must have applied.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The snapshot, and what this node had applied of others.</response>
    internal static async Task<Ok<SourceSnapshot>> ExportAsync(
        Arbiter arbiter,
        Caller caller,
        int node,
        JsonBody<SnapshotRequest> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.As(caller.Actor).ExportSnapshotAsync(node, body.Value.Positions, cancel));

    /// <summary>Keep a snapshot</summary>
    /// <remarks>The snapshot is kept for 15 minutes from each call on.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="node">NodeID of the node that joins.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The snapshot; its name is null when there is none.</response>
    internal static async Task<Ok<SourceSnapshot>> FindAsync(Arbiter arbiter, int node, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.SnapshotAsync(node, cancel));

    /// <summary>End a snapshot</summary>
    /// <remarks>Its slot stays, until the node that joins drops it. Needs the role admin.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="node">NodeID of the node that joins.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">There is no snapshot any more.</response>
    internal static async Task<Ok<SourceSnapshot>> EndAsync(Arbiter arbiter, Caller caller, int node, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.As(caller.Actor).EndSnapshotAsync(node, cancel));
}
