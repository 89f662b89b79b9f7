using Traktor.Engine;
using Traktor.Engine.Replicasets;
using Traktor.UnitTests.Web.Live.Mesh;
using Traktor.Web.Components.Tables;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Live.Tables;

namespace Traktor.UnitTests.Web.Live.Tables;

public sealed class TableMatrixTests
{
    private const string Goods = "public.goods";

    private static readonly NodeSeen First = SomeMesh.Node(0) with { Tables = [SomeMesh.Table(Goods)] };

    private static TableRow Row(NodeSeen second, CatalogTable? there = null) =>
        TableMatrix
            .Of(
                SomeMesh.Of(First, second),
                there is null
                    ? new Dictionary<int, IReadOnlyList<CatalogTable>>()
                    : new Dictionary<int, IReadOnlyList<CatalogTable>>
                    {
                        [0] = [SomeMesh.Catalog(Goods, "id integer", "name text")],
                        [1] = [there],
                    }
            )
            .Single();

    [Theory]
    [InlineData(TableState.Committed, CellState.Committed)]
    [InlineData(TableState.PendingAdd, CellState.PendingAdd)]
    [InlineData(TableState.PendingRemove, CellState.PendingRemove)]
    public void Of_ATableOfTheReplicaset_StandsWhereItStands(TableState state, CellState expected) =>
        Assert.Equal(
            [CellState.Committed, expected],
            Row(SomeMesh.Node(1) with { Tables = [SomeMesh.Table(Goods, state)] }).Cells.Select(cell => cell.State)
        );

    [Fact]
    public void Of_ATableThatMayLackRows_SaysSoInTheStateToo()
    {
        var lacking = SomeMesh.Table(Goods, TableState.Committed) with
        {
            Findings = [new Finding("resync", Severity.Warning, "Node 1 may lack rows.")],
        };

        Assert.Equal(
            new TableCell(1, CellState.NeedsResync, "Node 1 may lack rows."),
            Row(SomeMesh.Node(1) with { Tables = [lacking] }).Cells[1]
        );
        Assert.Equal("traktor-problem", CellWords.Class(CellState.NeedsResync));
    }

    [Fact]
    public void Of_ANodeThatDidNotAddIt_SaysSo() => Assert.Equal(CellState.NotAdded, Row(SomeMesh.Node(1)).Cells[1].State);

    [Fact]
    public void Of_ANodeWithoutTheTable_IsMissing() =>
        Assert.Equal(CellState.Missing, Row(SomeMesh.Node(1), SomeMesh.Catalog("public.other", "id integer")).Cells[1].State);

    [Theory]
    [InlineData("id integer", "name varchar(5)", "Column name is varchar(5); on other nodes it is text.")]
    [InlineData("id integer", "title text", "Column name text is missing.")]
    public void Of_AnotherTableOfThatName_SaysHowItDiffers(string first, string second, string difference) =>
        Assert.Equal(
            new TableCell(1, CellState.Differs, difference),
            Row(SomeMesh.Node(1), SomeMesh.Catalog(Goods, first, second)).Cells[1]
        );

    [Fact]
    public void Of_ColumnsInAnotherOrder_IsTheSameTable() =>
        Assert.Equal(CellState.NotAdded, Row(SomeMesh.Node(1), SomeMesh.Catalog(Goods, "name text", "id integer")).Cells[1].State);

    [Fact]
    public void Of_AnArbiterThatDoesNotAnswer_IsNotKnown() =>
        Assert.Equal(CellState.Unknown, Row(SomeMesh.Node(1) with { Tables = [SomeMesh.Table(Goods)], Problem = "gone" }).Cells[1].State);

    [Fact]
    public void HasDrift_TwoPolicies_IsSeen()
    {
        Assert.True(Row(SomeMesh.Node(1) with { Tables = [SomeMesh.Table(Goods, policy: "manual")] }).HasDrift);
        Assert.False(Row(SomeMesh.Node(1) with { Tables = [SomeMesh.Table(Goods)] }).HasDrift);
    }

    [Fact]
    public void Filter_Words_AllHaveToBeInTheName()
    {
        CatalogTable[] tables =
        [
            SomeMesh.Catalog("shop.order_line", "id integer"),
            SomeMesh.Catalog("shop.Order", "id integer") with
            {
                Status = TableState.Committed,
            },
            SomeMesh.Catalog("hr.person", "id integer"),
        ];

        Assert.Equal(
            ["shop.order_line", "shop.Order"],
            CatalogFilter.Of(tables, " ORDER shop ", isOpen: false).Select(table => table.Relation)
        );
        Assert.Equal(["shop.order_line"], CatalogFilter.Of(tables, "order", isOpen: true).Select(table => table.Relation));
        Assert.Equal(3, CatalogFilter.Of(tables, "  ", isOpen: false).Count);
    }
}
