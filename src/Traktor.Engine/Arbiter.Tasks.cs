using Traktor.Engine.Tasks;

namespace Traktor.Engine;

public sealed partial class Arbiter
{
    /// <summary>A page of tasks of this node, newest first.</summary>
    public Task<TaskPage> TasksAsync(string? kind, long? before, int limit, CancellationToken cancel) =>
        tasks.ListAsync(kind, before, limit, cancel);

    /// <summary>A task with its log, once it is finished or after <paramref name="wait"/>.</summary>
    public Task<TaskReport> TaskAsync(long id, TimeSpan wait, CancellationToken cancel) => tasks.WaitAsync(id, wait, cancel);
}
