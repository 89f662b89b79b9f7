namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>A row of one node.</summary>
/// <param name="Key">The values of its key, PostgreSQL's text.</param>
/// <param name="Hash">The hash of the compared columns.</param>
/// <param name="Xmin">The local transaction that wrote the row: another one means that it was written again.</param>
/// <param name="Stamp">When the version was committed first; null when the server does not know any more.</param>
/// <param name="Origin">On which node; null in the same case.</param>
/// <param name="Row">The values of all columns, PostgreSQL's text, long ones cut off; null when they were not asked
/// for.</param>
public sealed record KeyVersion(
    IReadOnlyList<string> Key,
    string Hash,
    string Xmin,
    DateTimeOffset? Stamp,
    int? Origin,
    IReadOnlyDictionary<string, string?>? Row
);

/// <summary>Rows of a table on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Versions">The rows, in no order; a key without a row is missing.</param>
/// <param name="IsComplete">Whether these are all: false when there are too many rows in the range.</param>
public sealed record KeyVersions(int Node, IReadOnlyList<KeyVersion> Versions, bool IsComplete);
