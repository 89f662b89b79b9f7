using System.Globalization;
using Traktor.Engine.Access;
using Traktor.Engine.Tasks;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>Cancels a task; what it began is undone.</summary>
    public Task<TaskReport> CancelTaskAsync(long id, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.CancelTask,
            string.Create(CultureInfo.InvariantCulture, $"task {id}"),
            _ => TaskStateAsync(id, cancel),
            () => arbiter.tasks.CancelAsync(id, Actor.Subject, cancel)
        );

    private async Task<object?> TaskStateAsync(long id, CancellationToken cancel)
    {
        var task = (await arbiter.tasks.FindAsync(id, cancel)).Task;
        return new
        {
            task.Kind,
            task.Target,
            task.State,
        };
    }
}
