using Traktor.Engine.Postgres;

namespace Traktor.Engine.Tasks;

/// <summary>What may become of a task, decided without a connection.</summary>
public static class TaskRules
{
    /// <summary>The most tasks that an arbiter runs at a time, each of another kind.</summary>
    public const int MostRunning = 4;

    /// <summary>How long a task waits for a server or an arbiter that does not answer before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(15);

    /// <summary>Whether a task stays as it is for ever.</summary>
    public static bool IsFinal(TaskState state) => state is TaskState.Succeeded or TaskState.Failed or TaskState.Cancelled;

    /// <summary>
    /// Which tasks to begin: the oldest first, one of each kind, at most <see cref="MostRunning"/> with those that run.
    /// </summary>
    /// <param name="unfinished">The tasks that are not finished, oldest first.</param>
    /// <param name="running">Those that this arbiter works on.</param>
    public static IReadOnlyList<TaskEntry> ToBegin(IReadOnlyList<TaskEntry> unfinished, IReadOnlyCollection<TaskEntry> running)
    {
        var kinds = running.Select(task => task.Kind).ToHashSet(StringComparer.Ordinal);
        var known = running.Select(task => task.Id).ToHashSet();
        var begin = new List<TaskEntry>();
        // One that was running before the arbiter was killed goes before one of its kind that is queued.
        foreach (var task in unfinished.OrderBy(task => task.State == TaskState.Running ? 0 : 1).ThenBy(task => task.Id))
            if (kinds.Count < MostRunning && !known.Contains(task.Id) && kinds.Add(task.Kind))
                begin.Add(task);
        return begin;
    }

    /// <summary>
    /// Whether an error may pass by itself, so that the task waits and tries again: a server or an arbiter does not
    /// answer, or another session was in the way.
    /// </summary>
    public static bool MayPass(Exception error) =>
        error switch
        {
            RefusedException refused => refused.Kind == RefusalKind.Unavailable,
            Npgsql.PostgresException e => e.IsTransient
                || e.SqlState.StartsWith("08", StringComparison.Ordinal)
                || e.SqlState.StartsWith("57P", StringComparison.Ordinal)
                || e.SqlState.StartsWith("40", StringComparison.Ordinal),
            _ => PostgresErrors.IsFromServer(error),
        };

    /// <summary>How long to rest after so many failed attempts in a row.</summary>
    public static TimeSpan Rest(int failures)
    {
        var rest = ShortestRest * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
        return rest < LongestRest ? rest : LongestRest;
    }
}
