namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>The rows of a range, or of a bucket, on one node.</summary>
/// <param name="Rows">How many there are.</param>
/// <param name="Sum">The sum of their hashes.</param>
/// <param name="Xor">Their hashes, joined by exclusive or.</param>
public sealed record RangeHash(long Rows, string Sum, string Xor);

/// <summary>What <see cref="RowHashes.HashAsync"/> found.</summary>
/// <param name="Node">The node.</param>
/// <param name="Hashes">A hash for each range, or for each bucket.</param>
/// <param name="WorkedMs">How long the server worked, in milliseconds.</param>
public sealed record RangeHashes(int Node, IReadOnlyList<RangeHash> Hashes, long WorkedMs);

/// <summary>Bounds of ranges.</summary>
/// <param name="Node">The node that has these keys.</param>
/// <param name="Bounds">Keys in order.</param>
public sealed record RangeBounds(int Node, IReadOnlyList<IReadOnlyList<string>> Bounds);
