using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Traktor.Engine;
using Traktor.Engine.Tasks;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Api.Tasks;

/// <summary>Long work: what runs, how far it is, and its end.</summary>
internal static class TasksApi
{
    private const int LongestWait = 300;

    public static void MapTasks(this RouteGroupBuilder arbiter)
    {
        var tasks = arbiter.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapGet("", ListAsync).WithName("ListTasks");
        tasks.MapGet("/{id:long}", FindAsync).WithName("Task").WithMetadata(Problem.NotFoundMetadata);
        tasks.MapDelete("/{id:long}", CancelAsync).WithName("CancelTask").WithMetadata(Problem.NotFoundMetadata);
    }

    /// <summary>List tasks</summary>
    /// <remarks>
    /// The long work of this node, newest first. Pass next of a page as before to read the next page. Finished tasks
    /// are kept as long as resolved conflicts (HistoryRetention).
    /// </remarks>
    /// <response code="200">A page of tasks; next is null on the last.</response>
    internal static async Task<Ok<TaskPage>> ListAsync(
        Arbiter arbiter,
        [FromQuery, Description("Only tasks of this kind, for instance comparison.")] string? kind,
        [FromQuery, Description("The page after another one: that page's next.")] long? before,
        [FromQuery, Description("Tasks of a page, 1 to 200; default 50.")] int? limit,
        CancellationToken cancel
    ) => TypedResults.Ok(await arbiter.TasksAsync(kind, before, limit ?? 50, cancel));

    /// <summary>One task</summary>
    /// <remarks>With its progress and the newest 500 lines of its log.</remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="id">Number of the task on this node.</param>
    /// <param name="wait">Answer when the task is finished, or after this many seconds, 0 to 300; default 0.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The task.</response>
    /// <response code="404">There is no such task, or it is too old.</response>
    internal static async Task<Ok<TaskReport>> FindAsync(Arbiter arbiter, long id, [FromQuery] int? wait, CancellationToken cancel) =>
        wait is < 0 or > LongestWait
            ? throw RefusedException.Malformed($"wait must be a number of seconds from 0 to {LongestWait}.")
            : TypedResults.Ok(await arbiter.TaskAsync(id, TimeSpan.FromSeconds(wait ?? 0), cancel));

    /// <summary>Cancel a task</summary>
    /// <remarks>
    /// A queued task is cancelled at once. One that runs first undoes what it began; until then is_cancelling is true.
    /// </remarks>
    /// <param name="arbiter">The engine.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="id">Number of the task on this node.</param>
    /// <param name="cancel">The call was cancelled.</param>
    /// <response code="200">The task is cancelled, or is_cancelling.</response>
    /// <response code="404">There is no such task, or it is too old.</response>
    /// <response code="409">The task is finished.</response>
    internal static async Task<Ok<TaskReport>> CancelAsync(Arbiter arbiter, Caller caller, long id, CancellationToken cancel) =>
        TypedResults.Ok(await arbiter.As(caller.Actor).CancelTaskAsync(id, cancel));
}
