using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts;

namespace Traktor.UnitTests.Engine.Comparisons;

public sealed class RepairRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly RepairRule Newest = new(RepairRuleKind.Newest);
    private static readonly RepairRule Majority = new(RepairRuleKind.Majority);

    [Fact]
    public void Newest_GreatestStamp_KeepsIt()
    {
        var step = Choose(Newest, Row("a", 1, 0), Row("b", 2, 1), null)!;

        Assert.Equal((1, false, null), (step.Writer, step.IsDeletion, step.After));
        Assert.Equal([0, 2], step.Changed);
    }

    /// <summary>Its own stamp would not win over one that is not known.</summary>
    [Fact]
    public void Newest_AnotherStampIsForgotten_GetsANewOne()
    {
        var step = Choose(Newest, Row("a", 1, 0), Row("b", null, null))!;

        Assert.Equal((0, new Stamp(Noon.AddSeconds(1), 0)), (step.Writer, step.After));
    }

    [Fact]
    public void Newest_OneStampForTwoRows_IsUndecided() => Assert.Null(Choose(Newest, Row("a", 1, 0), Row("b", 1, 0)));

    [Fact]
    public void Newest_NothingIsKnownOfTheRows_IsUndecided() => Assert.Null(Choose(Newest, Row("a", null, null), Row("b", null, null)));

    [Fact]
    public void Newest_OneRowWithoutAStamp_WinsOverNone()
    {
        var step = Choose(Newest, null, Row("b", null, null))!;

        Assert.Equal((1, false), (step.Writer, step.IsDeletion));
        Assert.Equal([0], step.Changed);
    }

    /// <summary>An older row gets a stamp that is after all others, and so does a deletion.</summary>
    [Fact]
    public void Node_OlderRowOrNone_GetsAStampAfterAllOthers()
    {
        var older = Choose(new RepairRule(RepairRuleKind.Node, 0), Row("a", 1, 0), Row("b", 2, 1))!;
        Assert.Equal((0, false, new Stamp(Noon.AddSeconds(2), 1)), (older.Writer, older.IsDeletion, older.After));

        var none = Choose(new RepairRule(RepairRuleKind.Node, 0), null, Row("b", 2, 1), Row("b", 2, 1))!;
        Assert.Equal((1, true, new Stamp(Noon.AddSeconds(2), 1)), (none.Writer, none.IsDeletion, none.After));
        Assert.Equal([1, 2], none.Changed);
    }

    [Fact]
    public void Majority_MoreThanHalf_WinsAlsoWithoutARow()
    {
        Assert.Equal([2], Choose(Majority, Row("a", 1, 0), Row("a", 1, 0), Row("b", 2, 2))!.Changed);
        Assert.True(Choose(Majority, null, null, Row("b", 2, 2))!.IsDeletion);
        Assert.Null(Choose(Majority, Row("a", 1, 0), Row("b", 2, 1)));
        Assert.Null(Choose(Majority, Row("a", 1, 0), Row("b", 2, 1), null));
    }

    [Theory]
    [InlineData("newest")]
    [InlineData("majority")]
    [InlineData("node:12")]
    public void Parse_OfARule_IsThatRule(string text) => Assert.Equal(text, RepairRule.Parse(text)!.ToString());

    [Theory]
    [InlineData("oldest")]
    [InlineData("node:")]
    [InlineData("node:-1")]
    [InlineData("")]
    public void Parse_OfAnythingElse_IsNone(string text) => Assert.Null(RepairRule.Parse(text));

    private static RepairStep? Choose(RepairRule rule, params KeyVersion?[] rows) =>
        RepairRules.Choose(rule, rows.Select((row, node) => (row, node)).ToDictionary(pair => pair.node, pair => pair.row));

    private static KeyVersion Row(string hash, int? second, int? origin) =>
        new(["1"], hash, "1", second is { } s ? Noon.AddSeconds(s) : null, origin, null);
}
