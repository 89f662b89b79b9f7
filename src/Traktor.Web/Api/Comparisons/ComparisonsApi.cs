using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Tasks;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Api.Comparisons;

/// <summary>Comparisons of tables on several nodes.</summary>
internal static class ComparisonsApi
{
    public static void MapComparisons(this RouteGroupBuilder arbiter)
    {
        var comparisons = arbiter.MapGroup("/comparisons").WithTags("Comparisons");
        comparisons.MapPost("", StartAsync).WithName("Compare").WithMetadata(Problem.NotFoundMetadata);
        comparisons.MapGet("", ListAsync).WithName("ListComparisons");
        comparisons.MapGet("/{id:long}", FindAsync).WithName("Comparison").WithMetadata(Problem.NotFoundMetadata);
        comparisons.MapPost("/{id:long}/repair", RepairAsync).WithName("Repair").WithMetadata(Problem.NotFoundMetadata);
        comparisons.MapGet("/{id:long}/differences", DifferencesAsync).WithName("Differences").WithMetadata(Problem.NotFoundMetadata);
    }

    /// <summary>Compare tables</summary>
    /// <remarks>
    /// Starts a task that compares committed tables of this node's replicaset on several nodes, row by row, while
    /// everybody writes. Its result says how many tables are equal and how many keys differ. Needs the role operator.
    /// </remarks>
    /// <response code="202">The task is queued; Location is its address.</response>
    /// <response code="404">A table is not in the replicaset, or a node is not linked with this one.</response>
    internal static async Task<Accepted<TaskReport>> StartAsync(
        Arbiter arbiter,
        Caller caller,
        JsonBody<ComparisonRequest> body,
        CancellationToken cancel
    )
    {
        var report = await arbiter.As(caller.Actor).CompareAsync((body.Found ?? new ComparisonRequest()).ToOrder(), cancel);
        return TypedResults.Accepted(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{report.Task.Id}"), report);
    }

    /// <summary>List comparisons</summary>
    /// <remarks>Newest first. Pass next of a page as before to read the next page.</remarks>
    /// <response code="200">A page of comparisons; next is null on the last.</response>
    internal static async Task<Ok<ComparisonPage>> ListAsync(
        Arbiter arbiter,
        [FromQuery, Description("The page after another one: that page's next.")] long? before,
        [FromQuery, Description("Comparisons of a page, 1 to 200; default 50.")] int? limit,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.ComparisonsAsync(before, limit ?? 50, cancel));

    /// <summary>One comparison</summary>
    /// <remarks>With what was found of each table so far.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the comparison, which is that of its task.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The comparison.</response>
    /// <response code="404">There is no such comparison, or it is too old.</response>
    internal static async Task<Ok<Comparison>> FindAsync(Arbiter arbiter, long id, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.ComparisonAsync(id, cancel));

    /// <summary>Repair differences</summary>
    /// <remarks>
    /// Starts a task that makes rows equal on all nodes that a comparison found to differ: by the rule newest,
    /// majority, or node:1. A key that has changed since it was compared is left alone. With dry_run nothing is
    /// written, and the result says what would be. What is replaced is in the history. Needs the role operator.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="id">Number of the comparison.</param>
    /// <param name="body">Which version wins, and which differences.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="202">The task is queued; Location is its address.</response>
    /// <response code="404">There is no such comparison, or the table is not part of it.</response>
    /// <response code="409">The comparison is not finished, or the node of the rule is not part of it.</response>
    internal static async Task<Accepted<TaskReport>> RepairAsync(
        Arbiter arbiter,
        Caller caller,
        long id,
        JsonBody<RepairRequest> body,
        CancellationToken cancel
    )
    {
        var report = await arbiter.As(caller.Actor).RepairAsync(body.Value.ToOrder(id), cancel);
        return TypedResults.Accepted(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{report.Task.Id}"), report);
    }

    /// <summary>Differences that a comparison has found</summary>
    /// <remarks>
    /// Keys whose rows differ, with each node's present row. Pass next of a page as after to read the next page.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="id">Number of the comparison.</param>
    /// <param name="table">Only differences of this table, schema.table.</param>
    /// <param name="after">The page after another one: that page's next.</param>
    /// <param name="limit">Differences of a page, 1 to 100; default 50.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">A page of differences; next is null on the last.</response>
    /// <response code="404">There is no such comparison, or the table is not part of it.</response>
    internal static async Task<Ok<DifferencePage>> DifferencesAsync(
        Arbiter arbiter,
        Caller caller,
        long id,
        [FromQuery] string? table,
        [FromQuery] long? after,
        [FromQuery] int? limit,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.DifferencesAsync(id, table, after ?? 0, limit ?? 50, caller.Actor, cancel));
}
