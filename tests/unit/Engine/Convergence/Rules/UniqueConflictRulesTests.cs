using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;

namespace Traktor.UnitTests.Engine.Convergence.Rules;

/// <summary>
/// Of two rows that exclude one another all nodes let the same one go, and its deletion wins over the row itself and
/// loses to a later one.
/// </summary>
public sealed class UniqueConflictRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Policy.LastUpdateWins, 2)]
    [InlineData(Policy.FirstUpdateWins, 1)]
    [InlineData(Policy.NodePriority, 1)]
    public void WinsOver_InEitherOrder_TheSameOneWins(Policy policy, int winner)
    {
        var (first, second) = (Version(0, 0), Version(1, 1));

        Assert.Equal(winner == 1, UniqueConflictRules.WinsOver(first, second, policy, 5, NodePriorities.ByNodeId));
        Assert.Equal(winner == 2, UniqueConflictRules.WinsOver(second, first, policy, 6, NodePriorities.ByNodeId));
    }

    [Fact]
    public void Deletion_OfTheEarlierOne_IsUnderTheWinnersStamp() =>
        Assert.Equal(new RowVersion(Version(1, 1).Stamp, null), UniqueConflictRules.Deletion(Version(0, 0), Version(1, 1)));

    [Fact]
    public void Deletion_OfTheLaterOne_WinsOverItAndLosesToWhateverFollows()
    {
        var later = Version(1, 1);

        var deletion = UniqueConflictRules.Deletion(later, Version(0, 0));

        Assert.True(deletion > later);
        Assert.True(deletion < new RowVersion(new Stamp(later.Stamp.Committed.AddMicroseconds(2), 0), "{}"));
    }

    private static RowVersion Version(int second, int node) => new(new Stamp(Noon.AddSeconds(second), node), "{}");
}
