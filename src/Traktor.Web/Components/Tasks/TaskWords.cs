using Traktor.Engine.Tasks;

namespace Traktor.Web.Components.Tasks;

/// <summary>Tasks in words.</summary>
internal static class TaskWords
{
    /// <summary>What it does, as a title.</summary>
    public static string Title(TaskEntry task) =>
        $"{char.ToUpperInvariant(task.Kind[0])}{task.Kind[1..].Replace('_', ' ')}{(task.Target is { } target ? $" of {target}" : "")}";

    /// <summary>Its state.</summary>
    public static string State(TaskEntry task) =>
        task switch
        {
            { IsCancelling: true } => "cancelling",
            { State: TaskState.Running, WaitsFor: not null } => "waiting",
            _ => TaskStore.Word(task.State),
        };

    /// <summary>The class of its state.</summary>
    public static string Class(TaskEntry task) =>
        task.State switch
        {
            TaskState.Succeeded => "traktor-good",
            TaskState.Failed => "traktor-bad",
            _ => "traktor-waiting",
        };

    /// <summary>How far it is: parts that are done, and rows.</summary>
    public static string Progress(TaskEntry task) =>
        task.Items.Count == 0
            ? "–"
            : string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{task.Items.Count(item => item.IsFinished)} of {task.Items.Count} parts, {task.Items.Sum(item => item.RowsDone):N0} rows"
            );

    /// <summary>How much of a part is done, in per cent; null when that is not known.</summary>
    public static double? Percent(TaskItem item) =>
        item.IsFinished ? 100
        : item.RowsTotal is > 0 and { } total ? Math.Min(99, 100.0 * item.RowsDone / total)
        : null;
}
