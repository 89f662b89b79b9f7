using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Engine.Conflicts;

namespace Traktor.Web.Api;

/// <summary>Conflicts that were healed.</summary>
internal static class HistoryApi
{
    private const int MaxPage = 1000;

    public static void MapHistory(this RouteGroupBuilder arbiter) =>
        arbiter.MapGet("/resolution/history", HistoryAsync).WithName("History").WithTags("Conflicts");

    /// <summary>Healed conflicts</summary>
    /// <remarks>Newest first. Pass next of a page as before to get the one after it.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="limit">Entries a page, 1 to 1000.</param>
    /// <param name="before">Only entries with a lower id.</param>
    /// <param name="cancel">The call was given up.</param>
    /// <response code="200">A page of the history; next is null on the last.</response>
    internal static async Task<Ok<HistoryPage>> HistoryAsync(Arbiter arbiter, CancellationToken cancel, int limit = 100, long? before = null)
    {
        if (limit is < 1 or > MaxPage)
            throw RefusedException.Malformed($"limit must be 1 to {MaxPage}.");
        return TypedResults.Ok(await arbiter.HistoryAsync(limit, before, cancel));
    }
}
