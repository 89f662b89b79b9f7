namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>Many histories, on all cores.</summary>
internal static class Simulation
{
    /// <summary>The least seed that fails; null when none of so many does.</summary>
    public static int? FirstFailure(SimulatedRules rules, int histories, SimulationCounts? counts = null)
    {
        var failing = int.MaxValue;
        Parallel.For(
            0,
            histories,
            (seed, loop) =>
            {
                if (seed > Volatile.Read(ref failing) || SimulatedMesh.Play(new Choices(seed), rules, counts: counts) is null)
                    return;
                for (var known = Volatile.Read(ref failing); seed < known; known = Volatile.Read(ref failing))
                    Interlocked.CompareExchange(ref failing, seed, known);
                loop.Break();
            }
        );
        return failing == int.MaxValue ? null : failing;
    }
}
