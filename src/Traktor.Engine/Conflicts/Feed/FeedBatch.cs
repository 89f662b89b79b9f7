using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>What happened to conflicts since the batch before.</summary>
/// <param name="Conflicts">The conflicts as they are now, each once; those recorded first come first.</param>
/// <param name="Position">Where to go on from after this batch; repeats rather than leaves out.</param>
/// <param name="Missed">How many changes this reader was not given because it, or the feed, could not keep up: read
/// them from the list.</param>
public sealed record FeedBatch(IReadOnlyList<HistoryEntry> Conflicts, FeedPosition Position, long Missed);
