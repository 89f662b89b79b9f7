using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Api.Conflicts;

/// <summary>Resolved conflicts.</summary>
internal static class HistoryApi
{
    public static void MapHistory(this RouteGroupBuilder arbiter) =>
        arbiter.MapGet("/resolution/history", HistoryAsync).WithName("History").WithTags("Conflicts");

    /// <summary>Resolved conflicts</summary>
    /// <remarks>Newest first. Pass next of a page as before to read the next page.</remarks>
    /// <response code="200">A page of the history; next is null on the last.</response>
    internal static async Task<Ok<HistoryPage>> HistoryAsync(
        Arbiter arbiter,
        [AsParameters] HistoryQuery query,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.HistoryAsync(query.ToFilter(), cancel));
}
