using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Web.Api.Requests;
using Traktor.Web.Api.Tables;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Api.Comparisons;

/// <summary>The rows of this node, for the arbiter of another node that compares them.</summary>
internal static class RowHashesApi
{
    public static void MapRowHashes(this RouteGroupBuilder arbiter)
    {
        var rows = arbiter.MapGroup("").WithTags("Comparisons");
        rows.MapGet("/positions", PositionsAsync).WithName("Positions");
        rows.MapGet("/row-hashes/{**table}", ShapeAsync).WithName("TableShape").WithMetadata(Problem.NotFoundMetadata);
        rows.MapPost("/row-hashes/{**table}", HashAsync).WithName("RowHashes").WithMetadata(Problem.NotFoundMetadata, BodyLimits.ForRows);
        rows.MapPost("/row-bounds/{**table}", BoundsAsync).WithName("RowBounds").WithMetadata(Problem.NotFoundMetadata, BodyLimits.ForRows);
        rows.MapPost("/announcements/{**table}", AnnounceAsync)
            .WithName("AnnounceRows")
            .WithMetadata(Problem.NotFoundMetadata, BodyLimits.ForRows);
        rows.MapPost("/proofs", NoteAsync).WithName("NoteProofs").WithMetadata(BodyLimits.ForRows);
        rows.MapPost("/row-versions/{**table}", VersionsAsync)
            .WithName("RowVersions")
            .WithMetadata(Problem.NotFoundMetadata, BodyLimits.ForRows, ForEveryRole.Instance);
    }

    /// <summary>How far this node has sent and processed</summary>
    /// <remarks>In numbers of heartbeats. A comparison waits by it until changes have arrived everywhere.</remarks>
    /// <response code="200">The positions.</response>
    internal static async Task<Ok<AppliedPositions>> PositionsAsync(Arbiter arbiter, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.RowHashes.PositionsAsync(cancel));

    /// <summary>A table's shape</summary>
    /// <remarks>As comparing its rows needs it.</remarks>
    /// <response code="200">Columns, key, and how many rows there are, estimated.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<TableShape>> ShapeAsync(Arbiter arbiter, TablePath relation, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.RowHashes.ShapeAsync(relation.Name, cancel));

    /// <summary>Hashes of rows</summary>
    /// <remarks>A hash for each range of keys; of a range with buckets one for each bucket.</remarks>
    /// <response code="200">The hashes.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<RangeHashes>> HashAsync(
        Arbiter arbiter,
        TablePath relation,
        JsonBody<RowHashRequest> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.RowHashes.HashAsync(relation.Name, body.Value.Columns, body.Value.Ranges, cancel));

    /// <summary>Bounds of ranges</summary>
    /// <remarks>Keys of a range that are a number of rows apart.</remarks>
    /// <response code="200">The keys.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<RangeBounds>> BoundsAsync(
        Arbiter arbiter,
        TablePath relation,
        JsonBody<RowBoundRequest> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.RowHashes.BoundsAsync(relation.Name, body.Value.Range, body.Value.Every, body.Value.Most, cancel));

    /// <summary>Versions of rows</summary>
    /// <remarks>Hash and stamp of each row of a range, or of those of some keys.</remarks>
    /// <response code="200">The rows; a key without a row is missing.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<KeyVersions>> VersionsAsync(
        Arbiter arbiter,
        TablePath relation,
        JsonBody<RowVersionRequest> body,
        CancellationToken cancel
    )
    {
        var rows = arbiter.RowHashes;
        return TypedResults.Ok(
            body.Value.Keys is { } keys
                ? await rows.VersionsAsync(relation.Name, body.Value.Columns, keys, body.Value.HasRows, cancel)
                : await rows.VersionsAsync(relation.Name, body.Value.Columns, body.Value.Range ?? new KeyRange(), cancel)
        );
    }

    /// <summary>Announce rows</summary>
    /// <remarks>
    /// Has all nodes adopt rows of this node, or delete them, as the versions of contested keys that win. A row that is
    /// not the expected version any more is left alone. Needs the role operator.
    /// </remarks>
    /// <response code="200">For each row whether it was taken.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<RepairedRows>> AnnounceAsync(
        Arbiter arbiter,
        Caller caller,
        TablePath relation,
        JsonBody<AnnouncementRequest> body,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await arbiter.As(caller.Actor).AnnounceAsync(relation.Name, [.. body.Value.Rows.Select(row => row.ToChoice())], cancel)
        );

    /// <summary>Note that tables are equal</summary>
    /// <remarks>
    /// The node that ran a comparison tells the compared nodes. It closes the records that a node may lack rows of the
    /// tables; whoever has made sure of that by other means may send it too. Needs the role operator.
    /// </remarks>
    /// <response code="200">It is noted.</response>
    internal static async Task<Ok<NotedProofs>> NoteAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<ProofRequest> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.As(caller.Actor).NoteEqualAsync(body.Value.ToEqual(), cancel));
}
