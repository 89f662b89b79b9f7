using Traktor.Engine.Tables;
using static Traktor.UnitTests.Engine.Tables.SomeTable;

namespace Traktor.UnitTests.Engine.Tables;

public sealed class TableComparisonTests
{
    [Fact]
    public void WhyNot_SameTable_Null() => Assert.Null(TableComparison.WhyNot(Plain, Plain));

    [Fact]
    public void WhyNot_ColumnsInOtherOrder_Null() =>
        Assert.Null(TableComparison.WhyNot(Plain, Plain with { Columns = [.. Plain.Columns.Reverse()] }));

    [Fact]
    public void WhyNot_Missing_SaysCreate() => Assert.Contains("create it", TableComparison.WhyNot(Plain, null), StringComparison.Ordinal);

    [Fact]
    public void WhyNot_SubscriberCannotBeReplicatedTo_GivesItsStatement() =>
        Assert.Contains("SET LOGGED", TableComparison.WhyNot(Plain, Plain with { Persistence = 'u' }), StringComparison.Ordinal);

    [Fact]
    public void WhyNot_ColumnMissingThere_NamesIt() =>
        Assert.Contains("amount numeric", TableComparison.WhyNot(Plain.With(Column("amount", "numeric")), Plain), StringComparison.Ordinal);

    [Fact]
    public void WhyNot_OtherType_NamesBoth()
    {
        var why = TableComparison.WhyNot(Plain.With(Column("amount", "numeric")), Plain.With(Column("amount", "integer")));

        Assert.Contains("integer on the subscriber and numeric on the publisher", why, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNot_OtherLengthOfTheSameType_Null() =>
        Assert.Null(
            TableComparison.WhyNot(
                Plain.With(new ColumnFacts("code", "character varying", "character varying(10)", false, false)),
                Plain.With(new ColumnFacts("code", "character varying", "character varying(20)", false, false))
            )
        );

    [Fact]
    public void WhyNot_MoreColumnsThatFillThemselves_Null() =>
        Assert.Null(TableComparison.WhyNot(Plain, Plain.With(Column("extra", "text"))));

    [Fact]
    public void WhyNot_MoreColumnsThatMustBeFilled_NamesThem() =>
        Assert.Contains(
            "extra of app.orders is NOT NULL",
            TableComparison.WhyNot(Plain, Plain.With(Column("extra", "text", required: true))),
            StringComparison.Ordinal
        );

    [Fact]
    public void WhyNot_GeneratedHere_IsNotSent() =>
        Assert.Null(
            TableComparison.WhyNot(
                Plain.With(Column("total", "numeric", generated: true)),
                Plain.With(Column("total", "numeric", generated: true))
            )
        );

    [Fact]
    public void WhyNot_GeneratedHereAndRequiredThere_NamesIt() =>
        Assert.NotNull(
            TableComparison.WhyNot(
                Plain.With(Column("total", "numeric", generated: true)),
                Plain.With(Column("total", "numeric", required: true))
            )
        );

    [Fact]
    public void WhyNot_GeneratedThereOnly_NamesIt() =>
        Assert.Contains(
            "generated on the subscriber",
            TableComparison.WhyNot(Plain.With(Column("total", "numeric")), Plain.With(Column("total", "numeric", generated: true))),
            StringComparison.Ordinal
        );

    [Fact]
    public void WhyNot_OtherKey_NamesBoth() =>
        Assert.Contains(
            "(note) on the subscriber and by (id) on the publisher",
            TableComparison.WhyNot(Plain, Plain with { Key = ["note"] }),
            StringComparison.Ordinal
        );
}
