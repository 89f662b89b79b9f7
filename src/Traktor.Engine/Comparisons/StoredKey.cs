namespace Traktor.Engine.Comparisons;

/// <summary>A key that was not equal on all nodes, as it is stored.</summary>
/// <param name="Id">Its number in the comparison; 0 for one that is not stored yet.</param>
/// <param name="Key">The values of its columns.</param>
/// <param name="Seen">The version of each node when it was read last; null for no row.</param>
/// <param name="Confirmed">How often it was found unchanged in a row.</param>
/// <param name="Verdict">The verdict; null while there is none.</param>
internal sealed record StoredKey(
    long Id,
    IReadOnlyList<string> Key,
    IReadOnlyDictionary<int, SeenVersion?> Seen,
    int Confirmed,
    KeyVerdict? Verdict
);

/// <summary>A table of a comparison, as it is stored.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Share">How much of the servers' time may be taken, in per cent.</param>
/// <param name="Plan">How it is compared; null before it is begun.</param>
/// <param name="BeganAt">When it was begun.</param>
/// <param name="NextKey">Where the next range begins; null for the first.</param>
/// <param name="IsScanned">Whether every range was compared.</param>
/// <param name="RowCount">How many rows were compared.</param>
/// <param name="FinishedAt">When it was done.</param>
/// <param name="Problem">Why it could not be compared.</param>
/// <param name="Different">How many keys differ.</param>
/// <param name="InFlight">How many keys were always in flight.</param>
/// <param name="Open">How many keys have no verdict.</param>
internal sealed record StoredTable(
    string Schema,
    string Name,
    IReadOnlyList<int> Nodes,
    int Share,
    ComparisonPlan? Plan,
    DateTimeOffset? BeganAt,
    IReadOnlyList<string>? NextKey,
    bool IsScanned,
    long RowCount,
    DateTimeOffset? FinishedAt,
    string? Problem,
    long Different,
    long InFlight,
    long Open
)
{
    /// <summary>The table.</summary>
    public Postgres.TableName Table => new(Schema, Name);
}
