namespace Traktor.Engine.Tasks;

/// <summary>A line of a task's log.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Text">What happened, a sentence.</param>
public sealed record TaskLine(DateTimeOffset At, string Text);
