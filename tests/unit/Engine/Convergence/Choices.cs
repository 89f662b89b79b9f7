namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>
/// Where a simulated history takes its chances from: a seed, or a list of numbers that were drawn before. A list can be
/// shortened, and what it no longer has is 0, which always means to get on with what there is.
/// </summary>
internal sealed class Choices
{
    private readonly IReadOnlyList<int>? given;
    private ulong state;
    private int at;

    public Choices(int seed) => state = ((ulong)seed + 1) * 0x9E3779B97F4A7C15UL;

    public Choices(IReadOnlyList<int> given) => this.given = given;

    /// <summary>Whether nothing new may begin any more.</summary>
    public bool IsExhausted => given is not null && at >= given.Count;

    /// <summary>What was drawn; null when that is not kept.</summary>
    public List<int>? Drawn { get; init; }

    /// <summary>From 0 to below <paramref name="bound"/>.</summary>
    public int Next(int bound)
    {
        int drawn;
        if (given is null)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            drawn = (int)((state >> 33) % (ulong)bound);
        }
        else
        {
            drawn = at < given.Count ? given[at++] % bound : 0;
        }

        Drawn?.Add(drawn);
        return drawn;
    }

    /// <summary>True once in <paramref name="odds"/> times; never of an exhausted list.</summary>
    public bool Once(int odds) => Next(odds) == odds - 1;
}
