namespace Traktor.Engine.Conflicts.Records;

/// <summary>A page of resolved conflicts, newest first.</summary>
/// <param name="Node">This node.</param>
/// <param name="Resolutions">The entries.</param>
/// <param name="Next">Pass it as <c>before</c> to get the next page; null on the last page.</param>
public sealed record HistoryPage(int Node, IReadOnlyList<HistoryEntry> Resolutions, long? Next);

/// <summary>A page of conflicts, newest first.</summary>
/// <param name="Node">This node.</param>
/// <param name="Conflicts">The conflicts.</param>
/// <param name="Next">Pass it as <c>before</c> to get the next page; null on the last page.</param>
public sealed record ConflictPage(int Node, IReadOnlyList<HistoryEntry> Conflicts, long? Next);
