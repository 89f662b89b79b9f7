namespace Traktor.Engine.Joining;

/// <summary>A position in the WAL of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Lsn">The position, as PostgreSQL writes it.</param>
public sealed record NodePosition(int Node, string Lsn);

/// <summary>A snapshot that a node exports, from which another node copies its rows.</summary>
/// <param name="Node">The node that exports it.</param>
/// <param name="ForNode">The node that joins.</param>
/// <param name="Snapshot">Its name, for <c>SET TRANSACTION SNAPSHOT</c>; null when it is gone.</param>
/// <param name="Applied">What the node had applied of each node that it receives from: the snapshot has exactly what
/// they had committed before.</param>
public sealed record SourceSnapshot(int Node, int ForNode, string? Snapshot, IReadOnlyList<NodePosition> Applied);
