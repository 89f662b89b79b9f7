using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Contracts.Tables;

namespace Traktor.Web.Api.Tables;

/// <summary>Single rows of replicated tables, to compare nodes by key. Nothing is changed.</summary>
internal static class RowsApi
{
    public static void MapRows(this RouteGroupBuilder arbiter)
    {
        var rows = arbiter.MapGroup("/row").WithTags("Conflicts");
        rows.MapGet("/{**table}", FindAsync).WithName("Row").WithMetadata(Problem.NotFoundMetadata);
        rows.MapPost("/{**table}", CheckAsync).WithName("CheckRow").WithMetadata(Problem.NotFoundMetadata, BodyLimits.ForRows);
    }

    /// <summary>A row by its key</summary>
    /// <remarks>
    /// Of replicated tables only. Values are in PostgreSQL's text format, times in UTC, so that the answers of two
    /// nodes can be compared; row is null when there is no such row. stamp and origin say when and on which node this
    /// version was committed.
    /// </remarks>
    /// <response code="200">The row as it is on this node.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<RowFound>> FindAsync(
        Arbiter arbiter,
        TablePath relation,
        [FromQuery, Description("The key as a JSON object.")] string? key,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await arbiter.RowAsync(
                relation.Name,
                HistoryQuery.Json(key)
                    ?? throw RefusedException.Malformed(
                        "key is missing.",
                        "Write it as a JSON object, percent-encoded, for instance key=%7B%22id%22%3A1%7D."
                    ),
                cancel
            )
        );

    /// <summary>Check values before they are written</summary>
    /// <remarks>
    /// The server reads the values as a merge would write them. It checks types, domains and NOT NULL, and CHECK
    /// constraints when all columns are given. Nothing is written.
    /// </remarks>
    /// <response code="200">The values as the server would store them; errors is empty when all can be
    /// written.</response>
    /// <response code="404">The table does not exist or is not replicated on this node.</response>
    internal static async Task<Ok<RowCheck>> CheckAsync(
        Arbiter arbiter,
        TablePath relation,
        JsonBody<RowBody> body,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.CheckRowAsync(relation.Name, body.Value.Row, cancel));
}
