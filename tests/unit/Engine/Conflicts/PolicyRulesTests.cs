using Traktor.Engine.Conflicts;

namespace Traktor.UnitTests.Engine.Conflicts;

/// <summary>The whole table of PolicyRules, and that two nodes come to the same winner.</summary>
public sealed class PolicyRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    // Node 1 sends, node 0 decides. Four letters: remote later, remote earlier, both at once, no local version. A
    // apply_remote, K keep_local, W decision_needed.
    [Theory]
    [InlineData(ConflictType.InsertExists, Policy.LastUpdateWins, "AKAA")]
    [InlineData(ConflictType.InsertExists, Policy.FirstUpdateWins, "KAKK")]
    [InlineData(ConflictType.InsertExists, Policy.NodePriority, "KKKK")]
    [InlineData(ConflictType.InsertExists, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.InsertExists, Policy.ApplyRemote, "AAAA")]
    [InlineData(ConflictType.InsertExists, Policy.Manual, "DDDD")]
    [InlineData(ConflictType.UpdateExists, Policy.LastUpdateWins, "AKAA")]
    [InlineData(ConflictType.UpdateExists, Policy.FirstUpdateWins, "KAKK")]
    [InlineData(ConflictType.UpdateExists, Policy.NodePriority, "KKKK")]
    [InlineData(ConflictType.UpdateExists, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.UpdateExists, Policy.ApplyRemote, "AAAA")]
    [InlineData(ConflictType.UpdateExists, Policy.Manual, "DDDD")]
    [InlineData(ConflictType.MultipleUniqueConflicts, Policy.LastUpdateWins, "AKAA")]
    [InlineData(ConflictType.MultipleUniqueConflicts, Policy.FirstUpdateWins, "KAKK")]
    [InlineData(ConflictType.MultipleUniqueConflicts, Policy.NodePriority, "KKKK")]
    [InlineData(ConflictType.MultipleUniqueConflicts, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.MultipleUniqueConflicts, Policy.ApplyRemote, "AAAA")]
    [InlineData(ConflictType.MultipleUniqueConflicts, Policy.Manual, "DDDD")]
    [InlineData(ConflictType.UpdateOriginDiffers, Policy.LastUpdateWins, "AKAA")]
    [InlineData(ConflictType.UpdateOriginDiffers, Policy.FirstUpdateWins, "AKAA")]
    [InlineData(ConflictType.UpdateOriginDiffers, Policy.NodePriority, "KKKK")]
    [InlineData(ConflictType.UpdateOriginDiffers, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.UpdateOriginDiffers, Policy.ApplyRemote, "AAAA")]
    [InlineData(ConflictType.UpdateOriginDiffers, Policy.Manual, "DDDD")]
    [InlineData(ConflictType.DeleteOriginDiffers, Policy.LastUpdateWins, "AAAA")]
    [InlineData(ConflictType.DeleteOriginDiffers, Policy.FirstUpdateWins, "AAAA")]
    [InlineData(ConflictType.DeleteOriginDiffers, Policy.NodePriority, "AAAA")]
    [InlineData(ConflictType.DeleteOriginDiffers, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.DeleteOriginDiffers, Policy.ApplyRemote, "AAAA")]
    [InlineData(ConflictType.DeleteOriginDiffers, Policy.Manual, "DDDD")]
    [InlineData(ConflictType.UpdateMissing, Policy.LastUpdateWins, "KKKK")]
    [InlineData(ConflictType.UpdateMissing, Policy.FirstUpdateWins, "KKKK")]
    [InlineData(ConflictType.UpdateMissing, Policy.NodePriority, "KKKK")]
    [InlineData(ConflictType.UpdateMissing, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.UpdateMissing, Policy.ApplyRemote, "KKKK")]
    [InlineData(ConflictType.UpdateMissing, Policy.Manual, "DDDD")]
    [InlineData(ConflictType.DeleteMissing, Policy.LastUpdateWins, "KKKK")]
    [InlineData(ConflictType.DeleteMissing, Policy.FirstUpdateWins, "KKKK")]
    [InlineData(ConflictType.DeleteMissing, Policy.NodePriority, "KKKK")]
    [InlineData(ConflictType.DeleteMissing, Policy.KeepLocal, "KKKK")]
    [InlineData(ConflictType.DeleteMissing, Policy.ApplyRemote, "KKKK")]
    [InlineData(ConflictType.DeleteMissing, Policy.Manual, "KKKK")]
    [InlineData(ConflictType.ApplyError, Policy.LastUpdateWins, "DDDD")]
    [InlineData(ConflictType.ApplyError, Policy.FirstUpdateWins, "DDDD")]
    [InlineData(ConflictType.ApplyError, Policy.NodePriority, "DDDD")]
    [InlineData(ConflictType.ApplyError, Policy.KeepLocal, "DDDD")]
    [InlineData(ConflictType.ApplyError, Policy.ApplyRemote, "DDDD")]
    [InlineData(ConflictType.ApplyError, Policy.Manual, "DDDD")]
    public void Decide_EachTypeAndPolicy_IsAsTheTableSays(ConflictType type, Policy policy, string expected)
    {
        var local = new Stamp(Noon, 0);
        Contest[] contests =
        [
            Contest(policy, type, local, new Stamp(Noon.AddSeconds(1), 1)),
            Contest(policy, type, local, new Stamp(Noon.AddSeconds(-1), 1)),
            Contest(policy, type, local, new Stamp(Noon, 1)),
            Contest(policy, type, null, new Stamp(Noon, 1)),
        ];

        var rulings = contests.Select(PolicyRules.Decide).ToList();

        Assert.Equal(expected, string.Concat(rulings.Select(ruling => ruling.Outcome.ToString()[0])));
        Assert.All(rulings, ruling => Assert.EndsWith(".", ruling.Reason, StringComparison.Ordinal));
        Assert.All(rulings, ruling => Assert.Equal(policy, ruling.Policy));
    }

    [Fact]
    public void Decide_TheTable_HasEveryTypeAndPolicy() =>
        Assert.Equal(
            Enum.GetValues<ConflictType>().Length * Enum.GetValues<Policy>().Length,
            typeof(PolicyRulesTests)
                .GetMethod(nameof(Decide_EachTypeAndPolicy_IsAsTheTableSays))!
                .GetCustomAttributes(typeof(InlineDataAttribute), false)
                .Length
        );

    [Theory]
    [InlineData(Policy.LastUpdateWins, ConflictType.InsertExists)]
    [InlineData(Policy.LastUpdateWins, ConflictType.UpdateExists)]
    [InlineData(Policy.LastUpdateWins, ConflictType.UpdateOriginDiffers)]
    [InlineData(Policy.LastUpdateWins, ConflictType.MultipleUniqueConflicts)]
    [InlineData(Policy.NodePriority, ConflictType.InsertExists)]
    [InlineData(Policy.NodePriority, ConflictType.UpdateExists)]
    [InlineData(Policy.NodePriority, ConflictType.UpdateOriginDiffers)]
    [InlineData(Policy.NodePriority, ConflictType.MultipleUniqueConflicts)]
    [InlineData(Policy.FirstUpdateWins, ConflictType.InsertExists)]
    public void Decide_TwoNodesWithRolesSwapped_EndWithTheSameWinner(Policy policy, ConflictType type)
    {
        var random = new Random(7);
        for (var run = 0; run < 5000; run++)
        {
            var priorities = new NodePriorities(
                Enumerable
                    .Range(0, random.Next(4))
                    .Select(_ => random.Next(4))
                    .Distinct()
                    .ToDictionary(node => node, _ => random.Next(-1, 3))
            );
            var a = new Stamp(Noon.AddMicroseconds(random.Next(3)), 0);
            var b = new Stamp(Noon.AddMicroseconds(random.Next(3)), 1 + random.Next(3));

            var onA = PolicyRules.Decide(new Contest(policy, type, a, b, 0, priorities)).Outcome == Outcome.ApplyRemote ? b : a;
            var onB = PolicyRules.Decide(new Contest(policy, type, b, a, b.Node, priorities)).Outcome == Outcome.ApplyRemote ? a : b;

            Assert.Equal(onA, onB);
        }
    }

    [Theory]
    [InlineData(Policy.LastUpdateWins)]
    [InlineData(Policy.NodePriority)]
    public void Decide_ThreeVersionsInAnyOrder_EndWithTheSameWinner(Policy policy)
    {
        var random = new Random(11);
        for (var run = 0; run < 2000; run++)
        {
            var priorities = new NodePriorities(new Dictionary<int, int> { [random.Next(3)] = random.Next(3) });
            Stamp[] versions = [.. Enumerable.Range(0, 3).Select(node => new Stamp(Noon.AddMicroseconds(random.Next(3)), node))];
            var winners = new[] { [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], new[] { 2, 1, 0 } }.Select(order =>
                order
                    .Select(at => versions[at])
                    .Aggregate(
                        (local, remote) =>
                            PolicyRules.Decide(new Contest(policy, ConflictType.InsertExists, local, remote, 0, priorities)).Outcome
                            == Outcome.ApplyRemote
                                ? remote
                                : local
                    )
            );

            Assert.Single(winners.Distinct());
        }
    }

    [Theory]
    [InlineData(0, 1, Outcome.KeepLocal)]
    [InlineData(5, 1, Outcome.ApplyRemote)]
    [InlineData(1, 1, Outcome.ApplyRemote)]
    public void Decide_NodePriority_SmallerRankWinsThenTheLater(int rankOfLocal, int rankOfRemote, Outcome expected)
    {
        var priorities = new NodePriorities(new Dictionary<int, int> { [0] = rankOfLocal, [1] = rankOfRemote });
        Assert.Equal(
            expected,
            PolicyRules
                .Decide(
                    new Contest(
                        Policy.NodePriority,
                        ConflictType.InsertExists,
                        new Stamp(Noon, 0),
                        new Stamp(Noon.AddSeconds(1), 1),
                        0,
                        priorities
                    )
                )
                .Outcome
        );
    }

    [Theory]
    [InlineData(Policy.LastUpdateWins)]
    [InlineData(Policy.FirstUpdateWins)]
    public void Decide_WithoutCommitTimestamps_FollowsNodePriorityOnBothSides(Policy policy)
    {
        var on0 = PolicyRules.Decide(
            new Contest(policy, ConflictType.InsertExists, null, new Stamp(Noon, 1), 0, NodePriorities.ByNodeId) { TracksCommits = false }
        );
        var on1 = PolicyRules.Decide(
            new Contest(policy, ConflictType.InsertExists, null, new Stamp(Noon, 0), 1, NodePriorities.ByNodeId) { TracksCommits = false }
        );

        Assert.Equal((Outcome.KeepLocal, Outcome.ApplyRemote), (on0.Outcome, on1.Outcome));
        Assert.Equal(Policy.NodePriority, on0.Policy);
        Assert.Contains("track_commit_timestamp", on0.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Policy.LastUpdateWins, 2)]
    [InlineData(Policy.FirstUpdateWins, 0)]
    [InlineData(Policy.NodePriority, 0)]
    public void Strongest_SeveralRowsInTheWay_IsTheHardestToBeat(Policy policy, int expected)
    {
        Stamp?[] local = [null, new Stamp(Noon.AddSeconds(1), 1), new Stamp(Noon, 0), new Stamp(Noon.AddSeconds(2), 2)];
        var contest = Contest(policy, ConflictType.MultipleUniqueConflicts, null, new Stamp(Noon, 3));
        Assert.Equal(expected, PolicyRules.Strongest(local, contest)!.Value.Node);
        Assert.Null(PolicyRules.Strongest([null], contest));
    }

    private static Contest Contest(Policy policy, ConflictType type, Stamp? local, Stamp remote) =>
        new(policy, type, local, remote, 0, NodePriorities.ByNodeId);
}
