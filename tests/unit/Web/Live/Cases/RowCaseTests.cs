using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Live.Cases;

public sealed class RowCaseTests
{
    private static readonly Stamp Here = new(Entries.Noon, 0);
    private static readonly Stamp There = new(Entries.Noon.AddSeconds(1), 1);
    private static readonly Stamp Later = new(Entries.Noon.AddSeconds(2), 1);

    [Fact]
    public void Of_TheSameVersionsOnTwoNodes_IsOneCase()
    {
        var row = Assert.Single(Cases(Done(0, 5, Here, There), Done(1, 9, There, Here)));
        Assert.Equal([(0, 5L), (1, 9L)], row.Entries.Select(entry => (entry.Node, entry.Id)));
        Assert.False(row.IsOpen);
    }

    [Fact]
    public void Of_OtherVersionsOrAnotherRow_AreCasesOfTheirOwn()
    {
        Assert.Equal(2, Cases(Done(0, 5, Here, There), Done(1, 9, Later, Here)).Count);
        Assert.Equal(2, Cases(Done(0, 5, Here, There), Done(1, 9, There, Here) with { Relation = "shop.other" }).Count);
        Assert.Equal(2, Cases(Done(0, 5, Here, There), Done(1, 9, There, Here, key: """{"id":2}""")).Count);
        // Twice on one node is twice.
        Assert.Equal(2, Cases(Done(0, 5, Here, There), Done(0, 6, Here, There)).Count);
    }

    [Fact]
    public void Of_ADeletedVersion_GoesWithWhatIsKnownOfTheOther() =>
        Assert.Single(Cases(Done(0, 5, null, There), Done(1, 9, There, Here)));

    [Fact]
    public void Of_TheSameRowWaitingOnTwoNodes_IsOneCaseThatIsOpenUntilBothAreDecided()
    {
        var (first, second) = (FeedEntry.Of(0, Entries.Entry(5, localStamp: Here)), FeedEntry.Of(2, Entries.Entry(3, remoteStamp: Later)));
        Assert.True(Assert.Single(Cases(first, second)).IsOpen);
        var half = Assert.Single(Cases(first with { Decision = Resolution.KeepLocal }, second));
        Assert.Equal((true, 0), (half.IsOpen, half.Main.Node));
        Assert.False(
            Assert.Single(Cases(first with { Decision = Resolution.KeepLocal }, second with { Decision = Resolution.ApplyRemote })).IsOpen
        );
    }

    [Fact]
    public void Of_KeysThatAreWrittenDifferently_IsOneCase() =>
        Assert.Single(Cases(Done(0, 5, Here, There, key: """{"id": 1, "x": "a"}"""), Done(1, 9, There, Here, key: """{"id":1,"x":"a"}""")));

    [Fact]
    public void Of_Cases_NewestFirst() =>
        Assert.Equal(
            [2L, 1L],
            Cases(Done(0, 1, Here, There), Done(0, 2, There, Later) with { Occurred = Entries.Noon.AddMinutes(1) })
                .Select(row => row.Main.Id)
        );

    private static IReadOnlyList<RowCase> Cases(params FeedEntry[] entries) => RowCase.Of(entries);

    private static FeedEntry Done(int node, long id, Stamp? local, Stamp? remote, string key = """{"id":1}""") =>
        FeedEntry.Of(node, Entries.Entry(id, localStamp: local, remoteStamp: remote, key: key)) with
        {
            State = ConflictState.Resolved,
        };
}
