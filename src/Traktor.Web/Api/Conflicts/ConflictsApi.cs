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

/// <summary>Conflicts, those that wait and those that were resolved, and the decision by hand.</summary>
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
    /// Newest first, with both rows, their stamps, the policy and what was done. Pass next of a page as before to get
    /// the one after it.
    /// </remarks>
    /// <response code="200">A page of conflicts; next is null on the last.</response>
    internal static async Task<Ok<ConflictPage>> ListAsync(
        Arbiter arbiter,
        [AsParameters] HistoryQuery query,
        [FromQuery, Description("pending, resolved or all; all when left out.")] string? state,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.ConflictsAsync(query.ToFilter(HistoryQuery.ReadState(state)), cancel));

    /// <summary>Conflicts a minute</summary>
    /// <remarks>
    /// By table and type; only minutes with conflicts. No more than the newest 500,000 conflicts are counted:
    /// is_complete is false when there are more in these minutes.
    /// </remarks>
    /// <response code="200">The counts, and the number of the last conflict that is in them.</response>
    internal static async Task<Ok<ConflictRate>> RateAsync(
        Arbiter arbiter,
        [FromQuery, Description("How far back, 1 to 1440 minutes; 60 when left out.")] int? minutes,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.RateAsync(minutes ?? 60, cancel));

    /// <summary>One conflict</summary>
    /// <remarks>With the whole remote transaction, and which of its conflicts are still undecided.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="cancel">The call was given up.</param>
    /// <response code="200">The conflict.</response>
    /// <response code="404">There is no such conflict (any more).</response>
    internal static async Task<Ok<ConflictCase>> FindAsync(Arbiter arbiter, long id, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.ConflictAsync(id, cancel));

    /// <summary>A conflict's rows</summary>
    /// <remarks>Both versions and the row as it is now, all in PostgreSQL's own text, with the table's columns and their types.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="cancel">The call was given up.</param>
    /// <response code="200">The rows.</response>
    /// <response code="404">There is no such conflict (any more).</response>
    internal static async Task<Ok<ConflictRows>> RowsAsync(Arbiter arbiter, long id, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.ConflictRowsAsync(id, cancel));

    /// <summary>Bring back a version that lost</summary>
    /// <remarks>
    /// Of a resolved conflict: its local or its remote row, as the history has it, is written over the row as it is
    /// now, or inserted where there is none. It is a write of this node's own and reaches every node.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="body">Which version.</param>
    /// <param name="cancel">The call was given up.</param>
    /// <response code="200">It is written.</response>
    /// <response code="404">There is no such conflict (any more).</response>
    /// <response code="409">The conflict waits, the version is no single complete row, the row is not the expected one
    /// any more, or the server refuses it.</response>
    internal static async Task<Ok<RestorationReport>> RestoreAsync(
        Arbiter arbiter,
        long id,
        JsonBody<RestorationBody> body,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await arbiter.RestoreAsync(
                id,
                body.Value.Version,
                body.Value.Expected?.ToVersion(),
                body.Value.By?.Trim() ?? HandDecision.Anonymous,
                cancel
            )
        );

    /// <summary>Decide a conflict by hand</summary>
    /// <remarks>
    /// keep_local, apply_remote, newest, or merge with the columns to write. With the scope mesh (the default) the same
    /// row's conflicts on other nodes get the complementary decision, so that all end equal; with the scope node only
    /// this node decides. With expected, the stamp and origin of the local row that was looked at, it is refused when
    /// the row has changed since. The transaction is applied when all its conflicts are decided.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the conflict on this node.</param>
    /// <param name="body">The decision.</param>
    /// <param name="cancel">The call was given up.</param>
    /// <response code="200">The decision is recorded; nodes says what each node did, or why it could not.</response>
    /// <response code="404">There is no such conflict (any more).</response>
    /// <response code="409">It was decided or resolved already, cannot be decided so, or the row is not the expected
    /// one any more.</response>
    internal static async Task<Ok<DecisionReport>> DecideAsync(
        Arbiter arbiter,
        long id,
        JsonBody<ResolutionBody> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.DecideAsync(id, body.Value.ToDecision(), body.Value.Scope != Scope.Node, cancel));
}
