using Xunit.Abstractions;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>
/// Random histories, decided by the engine's own rules, end equal on all nodes, with every version present, superseded
/// or in a history, nothing left to remember, and nobody talking; and with any rule switched off some do not. A failing
/// seed is told with the shortest history that was found to fail.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Histories = 100_000;

    public static TheoryData<string> Bent => [.. BentRules.All.Keys];

    [Fact]
    public void Rules_AnyHistory_EndEqualAndLoseNothingUnseen()
    {
        var counts = new SimulationCounts();
        if (Simulation.FirstFailure(new SimulatedRules(), Histories, counts) is { } seed)
            Assert.Fail(Shrinking.Tell(seed, new SimulatedRules()));
        Assert.True(counts.Revived < Histories / 1000, $"{counts}");
        output.WriteLine($"{Histories} histories: {counts}");
    }

    [Theory]
    [MemberData(nameof(Bent))]
    public void Rules_OneSwitchedOff_SomeHistoryFails(string bent) =>
        Assert.NotNull(Simulation.FirstFailure(BentRules.All[bent], Histories));

    /// <summary>
    /// A version whose stamp was erased on every node before its conflict was processed may lose although it is the
    /// last: seldom, and with a record.
    /// </summary>
    [Fact]
    public void Rules_TablesThatAreRewritten_EndEqualAndLoseNothingUnseen()
    {
        var (rules, counts) = (new SimulatedRules { Rewrites = true }, new SimulationCounts());
        if (Simulation.FirstFailure(rules, Histories, counts) is { } seed)
            Assert.Fail(Shrinking.Tell(seed, rules));
        Assert.True(counts.Overturned < Histories / 100, $"{counts}");
        output.WriteLine($"{Histories} histories: {counts}");
    }

    [Fact]
    public void Choices_DrawnOnce_PlayTheSameHistoryAgain()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var drawn = new List<int>();
            List<string> first = [],
                second = [];
            SimulatedMesh.Play(new Choices(seed) { Drawn = drawn }, new SimulatedRules(), first);
            SimulatedMesh.Play(new Choices(drawn), new SimulatedRules(), second);
            Assert.Equal(first, second);
        }
    }

    [Fact]
    public void Shrink_AFailingHistory_IsShortAndFailsStill()
    {
        var rules = BentRules.All["nothing is logged"];
        var seed = Simulation.FirstFailure(rules, Histories);
        Assert.NotNull(seed);
        var drawn = new List<int>();
        SimulatedMesh.Play(new Choices(seed.Value) { Drawn = drawn }, rules);

        var shortest = Shrinking.Shrink(drawn, choices => SimulatedMesh.Play(new Choices(choices), rules) is not null);

        Assert.True(shortest.Count < drawn.Count / 2, $"{shortest.Count} of {drawn.Count} choices are left.");
        Assert.NotNull(SimulatedMesh.Play(new Choices(shortest), rules));
    }
}
