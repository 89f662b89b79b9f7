using Traktor.Engine.Marks;
using Traktor.Engine.Postgres;

namespace Traktor.UnitTests.Engine.Marks;

public sealed class TableMarkingTests
{
    private static readonly TableName Table = new("My Shop", "Item\"s");

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(true, true, true, true)]
    public void Statements_AsWanted_None(bool wantsMarks, bool isMarked, bool wantsFilter, bool isFiltered) =>
        Assert.Empty(new TableMarking(Table, false, wantsMarks, wantsFilter, isMarked, isFiltered, isMarked, isFiltered).Statements(3));

    [Fact]
    public void Statements_HalfThere_AreMadeAnew() =>
        Assert.Collection(
            new TableMarking(
                Table,
                false,
                WantsMarks: true,
                WantsFilter: true,
                IsMarked: false,
                IsFiltered: false,
                HasMarks: true,
                HasFilter: true
            ).Statements(3),
            marks => Assert.Contains("mark_transaction('3')", marks, StringComparison.Ordinal),
            filter => Assert.Contains("ENABLE REPLICA TRIGGER \"!trktr_filter\"", filter, StringComparison.Ordinal)
        );

    [Fact]
    public void Statements_NotWantedAnyMore_AreRemoved() =>
        Assert.All(
            new TableMarking(
                Table,
                false,
                WantsMarks: false,
                WantsFilter: false,
                IsMarked: false,
                IsFiltered: true,
                HasMarks: true,
                HasFilter: true
            ).Statements(3),
            statement => Assert.StartsWith("DROP TRIGGER IF EXISTS", statement, StringComparison.Ordinal)
        );

    [Theory]
    [InlineData(false, "FOR EACH STATEMENT")]
    [InlineData(true, "FOR EACH ROW")]
    public void InstallMarks_PartitionedTable_ReachesItsPartitions(bool isPartitioned, string level)
    {
        var sql = MarkSql.InstallMarks(3, Table, isPartitioned);

        Assert.StartsWith(
            $"CREATE OR REPLACE TRIGGER \"trktr_mark\" BEFORE INSERT OR UPDATE OR DELETE ON \"My Shop\".\"Item\"\"s\" {level} ",
            sql,
            StringComparison.Ordinal
        );
        Assert.Contains("BEFORE TRUNCATE", sql, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "TRUNCATE",
            MarkSql.InstallMarks(3, new TableName("trktr", "node"), isPartitioned: false),
            StringComparison.Ordinal
        );
    }
}
