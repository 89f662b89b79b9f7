namespace Traktor.Engine.Tasks;

/// <summary>Where a task is. The last three are final.</summary>
public enum TaskState
{
    /// <summary>It waits until the arbiter has time for it.</summary>
    Queued,

    /// <summary>The arbiter works on it, or will go on with it.</summary>
    Running,

    /// <summary>It is done.</summary>
    Succeeded,

    /// <summary>It could not be done; what it began is undone.</summary>
    Failed,

    /// <summary>Somebody cancelled it; what it began is undone.</summary>
    Cancelled,
}
