using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Hashing;

namespace Traktor.UnitTests.Engine.Comparisons;

public sealed class KeyRangeTests
{
    /// <summary>Each part begins where the one before ends, the first and the last are as open as the whole.</summary>
    [Fact]
    public void SplitAt_OpenRange_CoversEveryKeyOnce()
    {
        var parts = new KeyRange().SplitAt([
            ["5"],
            ["9"],
        ]);

        Assert.Equal([null, "5", "9"], parts.Select(part => part.From?[0]));
        Assert.Equal(["5", "9", null], parts.Select(part => part.To?[0]));
    }

    [Fact]
    public void SplitAt_RangeWithBounds_KeepsThem()
    {
        var part = Assert.Single(new KeyRange(["1", "a"], ["2", "b"]).SplitAt([]));

        Assert.Equal(["1", "a"], part.From!);
        Assert.Equal(["2", "b"], part.To!);
    }

    [Theory]
    [InlineData(1000, 500, 1000)]
    [InlineData(1000, 250, 2000)]
    [InlineData(1000, 1, 4000)]
    [InlineData(1000, 60_000, 500)]
    [InlineData(100_000, 60_000, 25_000)]
    [InlineData(1_000_000, 1, 1_000_000)]
    public void Next_AfterARange_TakesAboutHalfASecond(int size, long workedMs, int expected) =>
        Assert.Equal(expected, ComparisonSizes.Next(size, workedMs));

    [Fact]
    public void Buckets_OfATable_AreAPowerOfTwo()
    {
        Assert.Equal(1, ComparisonSizes.Buckets(0));
        Assert.Equal(1024, ComparisonSizes.Buckets(500_000));
        Assert.Equal(ComparisonSizes.MostBuckets, ComparisonSizes.Buckets(long.MaxValue));
    }

    [Fact]
    public void Rest_ForAShare_IsTheOtherPartOfTheTime()
    {
        Assert.Equal(TimeSpan.Zero, ComparisonSizes.Rest(500, 100));
        Assert.Equal(TimeSpan.FromSeconds(1.5), ComparisonSizes.Rest(500, 25));
    }

    [Fact]
    public void Unequal_OfLists_IsEachKeyThatNotAllHave()
    {
        var found = TableScan
            .Unequal([List(0, ("1", "a"), ("2", "b"), ("3", "c")), List(1, ("3", "c"), ("2", "x"), ("4", "d"))])
            .ToDictionary(key => key.Key[0], key => (key.Seen[0]?.Hash, key.Seen[1]?.Hash));

        Assert.Equal(
            new Dictionary<string, (string?, string?)>
            {
                ["1"] = ("a", null),
                ["2"] = ("b", "x"),
                ["4"] = (null, "d"),
            },
            found
        );
    }

    private static KeyVersions List(int node, params (string Key, string Hash)[] rows) =>
        new(node, [.. rows.Select(row => new KeyVersion([row.Key], row.Hash, "1", null, null, null))], IsComplete: true);
}
