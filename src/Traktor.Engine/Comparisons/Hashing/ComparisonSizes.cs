using System.Numerics;

namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>How much is compared at a time, decided without a connection.</summary>
public static class ComparisonSizes
{
    /// <summary>The most buckets of a table that is grouped by hash.</summary>
    public const int MostBuckets = 65_536;

    /// <summary>Rows of the first range of a table.</summary>
    public const int FirstRange = 5_000;

    /// <summary>A range with no more rows is listed, key by key; a larger one is split.</summary>
    public const int SmallRange = 1_000;

    /// <summary>How many parts a range is split into.</summary>
    public const int Parts = 16;

    /// <summary>How many buckets are listed at a time.</summary>
    public const int ListedBuckets = 64;

    private const int LargestRange = 1_000_000;
    private const int SmallestRange = 500;
    private const double WantedMs = 500;
    private const int RowsOfABucket = 500;

    /// <summary>
    /// The size of the next range: it should take half a second, and changes at most fourfold from one to the next.
    /// </summary>
    public static int Next(int size, long workedMs) =>
        (int)Math.Clamp(size * Math.Clamp(WantedMs / Math.Max(1, workedMs), 0.25, 4), SmallestRange, LargestRange);

    /// <summary>How many rows each part of a range has.</summary>
    public static int Part(long rows) => (int)Math.Clamp(rows / Parts, SmallRange / 2, LargestRange);

    /// <summary>How many buckets a table of so many rows has.</summary>
    public static int Buckets(long rows) =>
        (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, rows / RowsOfABucket)), 1, MostBuckets);

    /// <summary>How long to rest after work, so that it takes this share of the time, in per cent.</summary>
    public static TimeSpan Rest(long workedMs, int share) => TimeSpan.FromMilliseconds(workedMs * (100.0 - share) / share);
}
