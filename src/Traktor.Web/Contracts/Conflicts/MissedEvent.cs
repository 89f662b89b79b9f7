namespace Traktor.Web.Contracts.Conflicts;

/// <summary>What a reader that could not keep up is told.</summary>
/// <param name="Missed">How many changes were left out; the list has them.</param>
internal sealed record MissedEvent(long Missed);
