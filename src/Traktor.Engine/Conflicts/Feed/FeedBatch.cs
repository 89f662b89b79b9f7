using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>Changes of conflicts since the previous batch.</summary>
/// <param name="Conflicts">The conflicts in their current state, each once, in the order in which they were
/// recorded.</param>
/// <param name="Position">Where to continue after this batch. A conflict may be repeated but none is left out.</param>
/// <param name="Missed">How many changes this reader did not receive because it, or the feed, fell behind. Read them
/// from the list.</param>
public sealed record FeedBatch(IReadOnlyList<HistoryEntry> Conflicts, FeedPosition Position, long Missed);
