using Traktor.Engine.Subscriptions;

namespace Traktor.UnitTests.Engine.Subscriptions;

public sealed class SubscriptionSqlTests
{
    [Fact]
    public void Create_AnyPeer_TakesOnlyThePeersOwnRowsFromItsOwnSlot()
    {
        var sql = SubscriptionSql.Create(2, 7, 160000, isFiltered: false);

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
        var sql = SubscriptionSql.Create(2, 7, version, isFiltered);

        Assert.Equal(version >= 160000, sql.Contains("origin = none", StringComparison.Ordinal));
        Assert.Equal(isFiltered, sql.Contains("trktr_pub_origin_marks", StringComparison.Ordinal));
    }

    /// <summary>
    /// The server's format() puts the connection string in, which no other placeholder may then follow.
    /// </summary>
    [Fact]
    public void CreateAndConnect_HaveOnePlaceholderForTheConnectionString()
    {
        foreach (var sql in new[] { SubscriptionSql.Create(0, 1, 180004, isFiltered: true), SubscriptionSql.Connect(0, 1) })
        {
            Assert.Contains(" CONNECTION %L", sql, StringComparison.Ordinal);
            Assert.Equal(1, sql.Count(c => c == '%'));
        }
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
