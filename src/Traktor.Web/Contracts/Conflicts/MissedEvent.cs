namespace Traktor.Web.Contracts.Conflicts;

/// <summary>Sent to a client that reads too slowly.</summary>
/// <param name="Missed">How many changes were left out; the list has them.</param>
internal sealed record MissedEvent(long Missed);
