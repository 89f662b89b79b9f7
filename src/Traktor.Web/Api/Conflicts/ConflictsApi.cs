using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Api.Conflicts;

/// <summary>Pending and resolved conflicts, and the decision by hand.</summary>
internal static class ConflictsApi
{
    public static void MapConflicts(this RouteGroupBuilder arbiter)
    {
        var conflicts = arbiter.MapGroup("/conflicts").WithTags("Conflicts");
        conflicts.MapGet("", ListAsync).WithName("ListConflicts");
        conflicts.MapGet("/{id:long}", FindAsync).WithName("Conflict").WithMetadata(Problem.NotFoundMetadata);
        conflicts.MapGet("/rate", RateAsync).WithName("ConflictRate");
        conflicts
            .MapGet("/export", ConflictExport.WriteAsync)
            .WithName("ConflictExport")
            .Produces<string>(StatusCodes.Status200OK, "text/csv");
        conflicts.MapGet("/stream", ConflictStream.ListenAsync).WithName("ConflictStream");
        conflicts.MapGet("/{id:long}/rows", RowsAsync).WithName("ConflictRows").WithMetadata(Problem.NotFoundMetadata);
        conflicts.MapPost("/{id:long}/restoration", RestoreAsync).WithName("RestoreRow").WithMetadata(Problem.NotFoundMetadata);
        conflicts
            .MapPost("/{id:long}/resolution", DecideAsync)
            .WithName("DecideConflict")
            .WithMetadata(Problem.NotFoundMetadata, BodyLimits.ForRows);
    }

    /// <summary>List conflicts</summary>
    /// <remarks>
    /// Newest first, with both rows, their stamps, the policy and the resolution. Pass next of a page as before to read
    /// the next page.
    /// </remarks>
    /// <response code="200">A page of conflicts; next is null on the last.</response>
    internal static async Task<Ok<ConflictPage>> ListAsync(
        Arbiter arbiter,
        [AsParameters] HistoryQuery query,
        [FromQuery, Description("pending, resolved or all (default).")] string? state,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.ConflictsAsync(query.ToFilter(HistoryQuery.ReadState(state)), cancel));

    /// <summary>Conflicts per minute</summary>
    /// <remarks>
    /// By table and type; only minutes with conflicts. At most the newest 500,000 conflicts are counted: is_complete is
    /// false when these minutes have more.
    /// </remarks>
    /// <response code="200">The counts, and the number of the last conflict that is in them.</response>
    internal static async Task<Ok<ConflictRate>> RateAsync(
        Arbiter arbiter,
        [FromQuery, Description("How far back, 1 to 1440 minutes; default 60.")] int? minutes,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.RateAsync(minutes ?? 60, cancel));

    /// <summary>One conflict</summary>
    /// <remarks>With the whole remote transaction, and which of its conflicts are still undecided.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The conflict.</response>
    /// <response code="404">The conflict does not exist, or is no longer in the history.</response>
    internal static async Task<Ok<ConflictCase>> FindAsync(Arbiter arbiter, long id, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.ConflictAsync(id, cancel));

    /// <summary>A conflict's rows</summary>
    /// <remarks>
    /// Both versions and the row as it is now, all in PostgreSQL's own text, with the table's columns and their types.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The rows.</response>
    /// <response code="404">The conflict does not exist, or is no longer in the history.</response>
    internal static async Task<Ok<ConflictRows>> RowsAsync(Arbiter arbiter, long id, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.ConflictRowsAsync(id, cancel));

    /// <summary>Bring back a version</summary>
    /// <remarks>
    /// Writes the local or the remote row of a resolved conflict over the present row, or inserts it when there is
    /// none. It is a write of this node's own and reaches every node.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="body">Which version.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The row is written.</response>
    /// <response code="404">The conflict does not exist, or is no longer in the history.</response>
    /// <response code="409">The conflict is pending, the version is not one complete row, the row is not the expected
    /// version, or the server refuses the row.</response>
    internal static async Task<Ok<RestorationReport>> RestoreAsync(
        Arbiter arbiter,
        Caller caller,
        long id,
        JsonBody<RestorationBody> body,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await arbiter.As(caller.Actor).RestoreAsync(id, body.Value.Version, body.Value.Expected?.ToVersion(), body.Value.By, cancel)
        );

    /// <summary>Decide a conflict by hand</summary>
    /// <remarks>
    /// keep_local, apply_remote, newest, or merge with the columns to write. With the scope mesh (default), conflicts
    /// of the same row on other nodes get the decision that ends with the same version; with the scope node only this
    /// node decides. With expected, the stamp and origin of the local row that the caller has seen, the call is refused
    /// when the row has changed since. The transaction is applied when all its conflicts are decided.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="body">The decision.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The decision is recorded; nodes says what each node did.</response>
    /// <response code="404">The conflict does not exist, or is no longer in the history.</response>
    /// <response code="409">The conflict is decided or resolved, cannot be decided this way, or the row is not the
    /// expected version.</response>
    internal static async Task<Ok<DecisionReport>> DecideAsync(
        Arbiter arbiter,
        Caller caller,
        long id,
        JsonBody<ResolutionBody> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.As(caller.Actor).DecideAsync(id, body.Value.ToDecision(), body.Value.Scope != Scope.Node, cancel));
}
