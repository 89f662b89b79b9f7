using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Subscriptions;

namespace Traktor.UnitTests.Engine.Subscriptions;

public sealed class SubscriptionSqlTests
{
    [Fact]
    public void Create_AnyPeer_TakesOnlyThePeersOwnRowsFromItsOwnSlot()
    {
        var sql = SubscriptionSql.Create(
            2,
            7,
            Conninfo.Parse("host=db7 dbname=shop user=arbiter password=s3cret"),
            160000,
            isFiltered: false
        );

        Assert.StartsWith("CREATE SUBSCRIPTION ", sql, StringComparison.Ordinal);
        Assert.Contains("trktr_sub_2_7", sql, StringComparison.Ordinal);
        Assert.Contains("trktr_pub_to_2", sql, StringComparison.Ordinal);
        Assert.Contains("slot_name = 'trktr_sub_2_7'", sql, StringComparison.Ordinal);
        foreach (
            var option in new[]
            {
                "create_slot = false",
                "copy_data = false",
                "origin = none",
                "disable_on_error = false",
                "streaming = off",
                "two_phase = false",
            }
        )
            Assert.Contains(option, sql, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(150018, true)]
    [InlineData(160000, true)]
    [InlineData(160000, false)]
    public void Create_With15_TakesThePeersMarksAndDoesNotNameOriginsWhereTheyAreUnknown(int version, bool isFiltered)
    {
        var sql = SubscriptionSql.Create(2, 7, Conninfo.Parse("host=db7 dbname=shop user=arbiter"), version, isFiltered);

        Assert.Equal(version >= 160000, sql.Contains("origin = none", StringComparison.Ordinal));
        Assert.Equal(isFiltered, sql.Contains("trktr_pub_origin_marks", StringComparison.Ordinal));
    }

    [Fact]
    public void Create_PasswordWithQuotes_StaysOneLiteral()
    {
        var sql = SubscriptionSql.Create(
            0,
            1,
            Conninfo.Parse(@"host=a user=b password='it\'s; DROP TABLE x; --'"),
            180004,
            isFiltered: false
        );
        var outside = System.Text.RegularExpressions.Regex.Replace(sql, @"E?'(?:[^'\\]|''|\\.)*'", "?");

        Assert.DoesNotContain("DROP TABLE", outside, StringComparison.Ordinal);
        Assert.Contains(" CONNECTION", outside, StringComparison.Ordinal);
        Assert.Contains("PUBLICATION", outside, StringComparison.Ordinal);
    }

    [Fact]
    public void Refresh_CopiesNothing() =>
        Assert.EndsWith("REFRESH PUBLICATION WITH (copy_data = false)", SubscriptionSql.Refresh(0, 1), StringComparison.Ordinal);

    [Fact]
    public void ForgetSlot_ThenDrop_NeedsNoPeer()
    {
        Assert.EndsWith("SET (slot_name = NONE)", SubscriptionSql.ForgetSlot(0, 1), StringComparison.Ordinal);
        Assert.StartsWith("DROP SUBSCRIPTION IF EXISTS ", SubscriptionSql.Drop(0, 1), StringComparison.Ordinal);
    }
}
