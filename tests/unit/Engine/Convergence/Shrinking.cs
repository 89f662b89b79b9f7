namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>Makes a failing history short: leaves out what it fails without.</summary>
internal static class Shrinking
{
    /// <summary>The story of the shortest failing history that was found from a seed.</summary>
    public static string Tell(int seed, SimulatedRules rules)
    {
        var drawn = new List<int>();
        var first = SimulatedMesh.Play(new Choices(seed) { Drawn = drawn }, rules);
        var shortest = Shrink(drawn, choices => SimulatedMesh.Play(new Choices(choices), rules) is not null);
        var trace = new List<string>();
        var failure = SimulatedMesh.Play(new Choices(shortest), rules, trace);
        return $"Seed {seed}: {first}.\nIn {shortest.Count} of {drawn.Count} choices: {failure}.\n{string.Join('\n', trace)}";
    }

    /// <summary>
    /// Leaves out runs of choices, and makes those that remain as small as it can, while it still fails.
    /// </summary>
    public static IReadOnlyList<int> Shrink(IReadOnlyList<int> failing, Func<IReadOnlyList<int>, bool> fails)
    {
        var best = failing.ToList();
        for (var isBetter = true; isBetter; )
        {
            isBetter = false;
            for (var length = Math.Max(1, best.Count / 2); length > 0; length /= 2)
            for (var start = best.Count - length; start >= 0; start -= length)
            {
                if (start + length > best.Count)
                    continue;
                List<int> shorter = [.. best.Take(start), .. best.Skip(start + length)];
                if (!fails(shorter))
                    continue;
                (best, isBetter) = (shorter, true);
            }

            for (var i = 0; i < best.Count; i++)
                if (best[i] > 0)
                {
                    List<int> smaller = [.. best];
                    smaller[i] = 0;
                    if (fails(smaller))
                        (best, isBetter) = (smaller, true);
                }
        }

        return best;
    }
}
