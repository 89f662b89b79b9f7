namespace Traktor.Engine.Workers;

/// <summary>One of the arbiter's workers whose last rounds failed.</summary>
/// <param name="Name">Its short name, for example <c>heartbeat</c>.</param>
/// <param name="Task">What it does, as a noun phrase: "the heartbeat".</param>
/// <param name="Problem">Why the last round failed, in words.</param>
/// <param name="Since">When the first of these rounds failed.</param>
public sealed record FailingWorker(string Name, string Task, string Problem, DateTimeOffset Since)
{
    /// <summary>What fails and why, as a sentence.</summary>
    public string InWords() => $"{char.ToUpperInvariant(Task[0])}{Task[1..]} fails: {Problem.TrimEnd('.')}.";
}
