using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Hashing;
using Versions = System.Collections.Generic.Dictionary<int, Traktor.Engine.Comparisons.SeenVersion?>;

namespace Traktor.UnitTests.Engine.Comparisons;

public sealed class ComparisonRulesTests
{
    private static readonly SeenVersion A = new("a", "1");
    private static readonly SeenVersion B = new("b", "2");

    [Fact]
    public void Judge_RowsWithTheSameHash_AreEqual()
    {
        Assert.Equal(KeyVerdict.Equal, Judge(Of(A, B), Of(A, A with { Xmin = "9" }), 1).Verdict);
        Assert.Equal(KeyVerdict.Equal, Judge(Of(A, B), Of(null, null), 1).Verdict);
    }

    [Fact]
    public void Judge_UnchangedInThreeReadings_IsDifferent()
    {
        Assert.Equal((KeyVerdict.InFlight, 1), Judge(Of(A, B), Of(A, B), 0));
        Assert.Equal((KeyVerdict.Different, 2), Judge(Of(A, B), Of(A, B), 1));
        Assert.Equal((KeyVerdict.Different, 2), Judge(Of(A, null), Of(A, null), 1));
    }

    /// <summary>The row was written again with what it held before: another write is on its way.</summary>
    [Fact]
    public void Judge_WrittenAgainWithTheSameValues_IsInFlight() =>
        Assert.Equal((KeyVerdict.InFlight, 0), Judge(Of(A, B), Of(A with { Xmin = "3" }, B), 1));

    [Fact]
    public void Judge_ARowThatIsGone_IsInFlight() => Assert.Equal((KeyVerdict.InFlight, 0), Judge(Of(A, B), Of(A, null), 1));

    [Fact]
    public void Judge_ReadAgainWithoutWaiting_ConfirmsNothing() =>
        Assert.Equal((KeyVerdict.InFlight, 1), ComparisonRules.Judge(Of(A, B), Of(A, B), 1, isAwaited: false));

    [Fact]
    public void Behind_EveryoneHasAppliedWhatWasVisible_IsNobody()
    {
        var wanted = ComparisonRules.Wanted([Position(0, 10, (1, 5)), Position(1, 20, (0, 9))]);

        Assert.Equal(12, wanted[0]);
        Assert.Equal(22, wanted[1]);
        Assert.Equal((0, 1), ComparisonRules.Behind(wanted, [Position(0, 13, (1, 21)), Position(1, 24, (0, 13))]));
        Assert.Equal((1, 0), ComparisonRules.Behind(wanted, [Position(0, 13, (1, 22)), Position(1, 24, (0, 11))]));
        Assert.Null(ComparisonRules.Behind(wanted, [Position(0, 13, (1, 22)), Position(1, 24, (0, 12))]));
    }

    /// <summary>A node that has said nothing of another one yet has not applied what that one wrote.</summary>
    [Fact]
    public void Behind_NothingSaidOfASender_IsBehind() =>
        Assert.Equal(
            (0, 1),
            ComparisonRules.Behind(new Dictionary<int, long> { [1] = 1 }, [new AppliedPositions(0, 1, new Dictionary<int, long>(), [1])])
        );

    [Fact]
    public void Plan_ColumnsOfAllNodes_AreHashedAsTheTypeAllows()
    {
        var plan = ComparisonPlan.Of([
            Shape(0, ("id", "integer", ColumnForm.Native), ("a", "integer", ColumnForm.Native), ("b", "numeric", ColumnForm.Send)),
            Shape(
                1,
                ("b", "numeric", ColumnForm.Send),
                ("extra", "text", ColumnForm.Native),
                ("a", "bigint", ColumnForm.Native),
                ("id", "integer", ColumnForm.Native)
            ),
        ]);

        Assert.Equal(
            [new HashedColumn("a", ColumnForm.Text), new HashedColumn("b", ColumnForm.Send), new HashedColumn("id", ColumnForm.Native)],
            plan.Columns
        );
        Assert.Equal(["extra"], plan.LeftOut);
        Assert.True(plan.IsOrdered);
    }

    [Fact]
    public void Plan_AnotherOrderOnANode_IsGroupedByHash()
    {
        var shape = Shape(0, ("id", "text", ColumnForm.Native));

        Assert.False(
            ComparisonPlan.Of([shape with { Key = [new("id", "text C")] }, shape with { Key = [new("id", "text de_DE")] }]).IsOrdered
        );
        Assert.False(ComparisonPlan.Of([shape with { Key = [new("id", null)] }, shape with { Key = [new("id", null)] }]).IsOrdered);
    }

    [Fact]
    public void Plan_WhatCannotBeCompared_IsRefused()
    {
        var shape = Shape(0, ("id", "integer", ColumnForm.Native), ("a", "integer", ColumnForm.Native));

        Assert.Throws<Traktor.Engine.RefusedException>(() => ComparisonPlan.Of([shape, shape with { Key = [new("a", "integer")] }]));
        Assert.Throws<Traktor.Engine.RefusedException>(() => ComparisonPlan.Of([shape, shape with { HashCheck = "2" }]));
    }

    private static (KeyVerdict Verdict, int Confirmed) Judge(Versions seen, Versions now, int confirmed) =>
        ComparisonRules.Judge(seen, now, confirmed, isAwaited: true);

    private static Versions Of(SeenVersion? here, SeenVersion? there) => new() { [0] = here, [1] = there };

    private static AppliedPositions Position(int node, long sent, params (int Node, long Seq)[] applied) =>
        new(node, sent, applied.ToDictionary(pair => pair.Node, pair => pair.Seq), [.. applied.Select(pair => pair.Node)]);

    private static TableShape Shape(int node, params (string Name, string Type, ColumnForm Form)[] columns) =>
        new(
            node,
            "public.item",
            10,
            8192,
            "1",
            [.. columns.Select(column => new ShapeColumn(column.Name, column.Type, column.Form))],
            [new ShapeKey("id", "integer")]
        );
}
