using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using static Traktor.UnitTests.Engine.Conflicts.Entries;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class ComplementTests
{
    private const string RowA = """{"id":1,"payload":"a"}""";
    private const string RowB = """{"id":1,"payload":"b"}""";
    private static readonly Stamp A = new(Noon, 0);
    private static readonly Stamp B = new(Noon.AddSeconds(1), 1);
    private static readonly Stamp C = new(Noon.AddSeconds(2), 2);

    // Node 0 wrote A, node 1 wrote B; each has the other's waiting.
    private static readonly HistoryEntry On0 = Entry(1, local: RowA, remote: RowB, localStamp: A, remoteStamp: B);
    private static readonly HistoryEntry On1 = Entry(7, local: RowB, remote: RowA, localStamp: B, remoteStamp: A);

    [Theory]
    [InlineData(Resolution.KeepLocal, Resolution.ApplyRemote)]
    [InlineData(Resolution.ApplyRemote, Resolution.KeepLocal)]
    [InlineData(Resolution.Newest, Resolution.Newest)]
    [InlineData(Resolution.Merge, Resolution.ApplyRemote)]
    public void Of_TheOtherSideOfTheSamePair_ChoosesTheSameVersion(Resolution here, Resolution there) =>
        Assert.Equal(there, Complement.Of(On0, here, On1));

    [Theory]
    [InlineData(Resolution.KeepLocal, Resolution.KeepLocal)]
    [InlineData(Resolution.ApplyRemote, Resolution.ApplyRemote)]
    [InlineData(Resolution.Merge, Resolution.KeepLocal)]
    public void Of_AThirdNodeThatTookOurRowFirst_ChoosesTheSameVersion(Resolution here, Resolution there) =>
        Assert.Equal(there, Complement.Of(On0, here, Entry(3, local: RowA, remote: RowB, localStamp: A, remoteStamp: B)));

    [Fact]
    public void Of_OtherVersions_IsLeftWaiting()
    {
        var theirs = Entry(3, local: """{"id":1,"payload":"c"}""", remote: RowB, localStamp: C, remoteStamp: B);
        Assert.Null(Complement.Of(On0, Resolution.KeepLocal, theirs));
        Assert.Equal(Resolution.ApplyRemote, Complement.Of(On0, Resolution.ApplyRemote, theirs));
    }

    [Fact]
    public void Of_SameImageOfAnotherVersion_IsNotTheSame() =>
        Assert.Null(Complement.Of(On0, Resolution.KeepLocal, Entry(3, local: RowA, remote: RowB, localStamp: C, remoteStamp: B)));

    [Fact]
    public void Of_WithoutStamps_ComparesImages()
    {
        var here = Entry(1, local: """{"id":1,"payload":"a","only_here":5}""", remote: RowB);
        var there = Entry(2, local: RowB, remote: """{"id":"1","payload":"a"}""");
        Assert.Equal(Resolution.ApplyRemote, Complement.Of(here, Resolution.KeepLocal, there));
        Assert.Equal(Resolution.KeepLocal, Complement.Of(here, Resolution.ApplyRemote, there));
    }

    [Fact]
    public void Of_DeleteAgainstUpdate_EndsEqual()
    {
        // Node 1 deleted, node 0 updated: here delete_origin_differs, there update_missing.
        var here = Entry(1, ConflictType.DeleteOriginDiffers, "delete", RowA, remote: null, localStamp: A, remoteStamp: B);
        var there = Entry(2, ConflictType.UpdateMissing, "update", local: null, remote: RowA, remoteStamp: A);

        Assert.Equal(Resolution.ApplyRemote, Complement.Of(here, Resolution.KeepLocal, there));
        Assert.Equal(Resolution.KeepLocal, Complement.Of(here, Resolution.ApplyRemote, there));
        Assert.Equal(Resolution.ApplyRemote, Complement.Of(there, Resolution.KeepLocal, here));
        Assert.Equal(Resolution.KeepLocal, Complement.Of(there, Resolution.ApplyRemote, here));
        // A merge where nothing was here builds upon the remote row, which the other node has.
        Assert.Equal(Resolution.KeepLocal, Complement.Of(there, Resolution.Merge, here));
    }
}
