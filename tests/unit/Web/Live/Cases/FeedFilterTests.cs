using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Live.Cases;

public sealed class FeedFilterTests
{
    public static TheoryData<FeedFilter> Filters =>
        [
            new FeedFilter(),
            new FeedFilter(Node: 3, Table: "shop.orders", Type: ConflictType.DeleteOriginDiffers, State: ConflictState.Pending),
            new FeedFilter(Last: TimeSpan.FromHours(1), State: ConflictState.Resolved),
            new FeedFilter(Table: "\"My Shop\".\"a&b=c\"", Since: Entries.Noon, Until: Entries.Noon.AddMinutes(5)),
        ];

    [Theory]
    [MemberData(nameof(Filters))]
    public void Write_ReadBack_IsTheSame(FeedFilter filter)
    {
        var written = filter.Write();
        Assert.Equal(FeedFilter.Names.Order(), written.Keys.Order());
        Assert.Equal(filter, FeedFilter.Read(name => Convert.ToString(written[name], CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("node", "-1")]
    [InlineData("node", "first")]
    [InlineData("type", "InsertExists")]
    [InlineData("state", "waiting")]
    [InlineData("last", "1 h")]
    [InlineData("since", "yesterday")]
    public void Read_WhatIsNone_DoesNotMatter(string name, string value) =>
        Assert.True(FeedFilter.Read(asked => asked == name ? value : null).IsEmpty);

    [Fact]
    public void Has_EachField_SelectsByIt()
    {
        var entry = FeedEntry.Of(1, Entries.Entry(5));
        var now = Entries.Noon.AddMinutes(10);
        Assert.All<FeedFilter>(
            [
                new(),
                new(Node: 1),
                new(Table: "shop.orders"),
                new(Table: "Shop.Orders"),
                new(Type: ConflictType.InsertExists),
                new(State: ConflictState.Pending),
                new(Last: TimeSpan.FromMinutes(15)),
                new(Since: Entries.Noon, Until: Entries.Noon.AddTicks(1)),
            ],
            filter => Assert.True(filter.Has(entry, now))
        );
        Assert.All<FeedFilter>(
            [
                new(Node: 0),
                new(Table: "shop.order"),
                new(Type: ConflictType.UpdateExists),
                new(State: ConflictState.Resolved),
                new(Last: TimeSpan.FromMinutes(5)),
                new(Since: Entries.Noon.AddTicks(1)),
                new(Until: Entries.Noon),
            ],
            filter => Assert.False(filter.Has(entry, now))
        );
    }
}
