using System.Text.Json;
using Traktor.Engine.Access;

namespace Traktor.Engine.Tasks;

/// <summary>A task that runs, as its kind sees it: what was asked for, and where to note progress.</summary>
public sealed class TaskRun
{
    private readonly StoredTask task;
    private readonly TaskStore store;
    private readonly Action progressed;

    internal TaskRun(StoredTask task, TaskStore store, Action progressed) =>
        (this.task, this.store, this.progressed) = (task, store, progressed);

    /// <summary>Its number.</summary>
    public long Id => task.Entry.Id;

    /// <summary>For whom it acts.</summary>
    public Actor Actor => task.Actor;

    /// <summary>What was asked for.</summary>
    public JsonElement Request => task.Request;

    /// <summary>Adds a line to the log. Npgsql's exceptions propagate.</summary>
    public Task LogAsync(string text, CancellationToken cancel) => store.LogAsync(Id, text, cancel);

    /// <summary>Makes the parts of the task known, those that are known already unchanged.</summary>
    public Task PlanAsync(IReadOnlyList<TaskItem> items, CancellationToken cancel) => store.PlanAsync(Id, items, cancel);

    /// <summary>The progress of its parts.</summary>
    public async Task<IReadOnlyList<TaskItem>> ItemsAsync(CancellationToken cancel) => (await store.FindAsync(Id, cancel)).Task.Items;

    /// <summary>Notes the progress of a part, which also says that nothing is waited for any more.</summary>
    public async Task NoteAsync(TaskItem item, CancellationToken cancel)
    {
        await store.NoteAsync(Id, item, cancel);
        progressed();
    }

    /// <summary>Notes what is waited for; null when nothing is.</summary>
    public async Task WaitForAsync(string? what, CancellationToken cancel)
    {
        await store.WaitForAsync(Id, what, cancel);
        if (what is null)
            progressed();
    }
}
