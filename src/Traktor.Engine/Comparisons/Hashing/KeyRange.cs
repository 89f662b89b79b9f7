namespace Traktor.Engine.Comparisons.Hashing;

/// <summary>
/// The rows whose keys are in a range, closed below and open above; or, with <paramref name="Buckets"/>, those whose
/// key's hash is in one of some buckets.
/// </summary>
/// <param name="From">The least key; null from the first row on.</param>
/// <param name="To">The key above; null up to the last row.</param>
/// <param name="Buckets">The number of buckets, a power of two; null for a range.</param>
/// <param name="Chosen">The buckets, 0 to one less than their number; null for all.</param>
public sealed record KeyRange(
    IReadOnlyList<string>? From = null,
    IReadOnlyList<string>? To = null,
    int? Buckets = null,
    IReadOnlyList<int>? Chosen = null
)
{
    /// <summary>The ranges between bounds, of which the first begins and the last ends as this one.</summary>
    public IReadOnlyList<KeyRange> SplitAt(IReadOnlyList<IReadOnlyList<string>> bounds)
    {
        var ranges = new List<KeyRange>();
        var from = From;
        foreach (var bound in bounds)
        {
            ranges.Add(new KeyRange(from, bound));
            from = bound;
        }

        ranges.Add(new KeyRange(from, To));
        return ranges;
    }
}
