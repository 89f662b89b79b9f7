using Traktor.Engine.Schema;

namespace Traktor.UnitTests.Engine.Schema;

public sealed class ObjectNamesTests
{
    [Fact]
    public void Names_AreTheTutorials()
    {
        Assert.Equal("trktr_sub_0_1", ObjectNames.Subscription(0, 1));
        Assert.Equal("trktr_pub", ObjectNames.Publication);
        Assert.Equal("trktr_pub_to_3", ObjectNames.PublicationFor(3));
        Assert.Equal("pg_16400", ObjectNames.Origin(16400));
        Assert.Equal("trktr_sub_0_1_worker", ObjectNames.WorkerSession(0, 1));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(32767, 0)]
    public void ParseSubscription_OwnName_IsReadBack(int local, int inbound) =>
        Assert.Equal((local, inbound), ObjectNames.ParseSubscription(ObjectNames.Subscription(local, inbound)));

    [Theory]
    [InlineData("trktr_sub_1")]
    [InlineData("trktr_sub_1_2_worker")]
    [InlineData("my_trktr_sub_1_2")]
    [InlineData("trktr_sub_1_-2")]
    [InlineData("trktr_sub_1_123456")]
    [InlineData("trktr_sub_1_2\n")]
    public void ParseSubscription_OtherName_Null(string name) => Assert.Null(ObjectNames.ParseSubscription(name));

    [Fact]
    public void WorkerSession_LongestNodeIds_FitsAnIdentifier() => Assert.True(ObjectNames.WorkerSession(32767, 32767).Length < 64);
}
