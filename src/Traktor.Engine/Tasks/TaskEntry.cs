using System.Text.Json;
using Traktor.Engine.Access;

namespace Traktor.Engine.Tasks;

/// <summary>A task: work that outlives the request that started it, and the arbiter that runs it.</summary>
/// <param name="Id">Its number on this node.</param>
/// <param name="Kind">What kind of work, for instance <c>comparison</c>.</param>
/// <param name="Target">What it is about, in words; null for the node.</param>
/// <param name="State">Where it is.</param>
/// <param name="IsCancelling">Whether somebody has cancelled it and it still undoes what it began.</param>
/// <param name="StartedBy">Who started it, in words.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="StartedAt">When the arbiter began it; null while it is queued.</param>
/// <param name="FinishedAt">When it reached a final state; null before.</param>
/// <param name="WaitsFor">What it waits for now, a sentence; null when it works.</param>
/// <param name="Problem">Why it failed, a sentence; null when it did not.</param>
/// <param name="Result">What it found or did, by its kind; null before it is finished.</param>
/// <param name="Items">The progress of its parts.</param>
public sealed record TaskEntry(
    long Id,
    string Kind,
    string? Target,
    TaskState State,
    bool IsCancelling,
    string StartedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? WaitsFor,
    string? Problem,
    JsonElement? Result,
    IReadOnlyList<TaskItem> Items
);

/// <summary>A task as it is stored.</summary>
/// <param name="Entry">What everybody sees of it.</param>
/// <param name="Request">What was asked for, by its kind.</param>
/// <param name="Actor">For whom it acts.</param>
internal sealed record StoredTask(TaskEntry Entry, JsonElement Request, Actor Actor);

/// <summary>A page of tasks.</summary>
/// <param name="Node">This node.</param>
/// <param name="Tasks">The tasks, newest first.</param>
/// <param name="Next">What to pass as before for the next page; null on the last.</param>
public sealed record TaskPage(int Node, IReadOnlyList<TaskEntry> Tasks, long? Next);

/// <summary>A task with its log.</summary>
/// <param name="Node">This node.</param>
/// <param name="Task">The task.</param>
/// <param name="Log">The newest lines of its log, oldest first.</param>
public sealed record TaskReport(int Node, TaskEntry Task, IReadOnlyList<TaskLine> Log);
