using System.Text.Json;

namespace Traktor.Engine.Tasks;

/// <summary>
/// A kind of tasks: how one runs, goes on after a kill of the arbiter, and is undone. Both methods may be called again
/// for the same task and must then go on from what the database says.
/// </summary>
public interface ITaskKind
{
    /// <summary>Its name, for instance <c>comparison</c>.</summary>
    string Name { get; }

    /// <summary>Does the work, or what is left of it, and returns the result.</summary>
    Task<JsonElement?> RunAsync(TaskRun run, CancellationToken cancel);

    /// <summary>Undoes what a task that was cancelled or has failed began, so that nothing is left half done.</summary>
    Task UndoAsync(TaskRun run, CancellationToken cancel);
}
