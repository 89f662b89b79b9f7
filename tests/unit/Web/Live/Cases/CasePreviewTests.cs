using Traktor.Engine.Conflicts;
using Traktor.Web.Live.Cases;

namespace Traktor.UnitTests.Web.Live.Cases;

public sealed class CasePreviewTests
{
    [Theory]
    [InlineData(Resolution.KeepLocal, "here", "here")]
    [InlineData(Resolution.ApplyRemote, "there", "there")]
    [InlineData(Resolution.Newest, "there", "there")]
    public void Of_MirroredConflict_EndsWithTheSameVersion(Resolution resolution, string here, string there)
    {
        var foreseen = CasePreview.Of(
            SomeCase.View(SomeCase.Entry(), SomeCase.Row("here"), SomeCase.Other(1, "there", SomeCase.Mirror())),
            resolution,
            null
        );

        Assert.Equal([here, there], foreseen.Select(node => node.Row!["payload"]));
    }

    [Fact]
    public void Of_Merge_ReachesEveryNode_AndKeepsWhatIsNotMerged()
    {
        var view = SomeCase.View(
            SomeCase.Entry(),
            SomeCase.Row("here", "{}"),
            SomeCase.Other(1, "there", SomeCase.Mirror()),
            SomeCase.Other(2, "there")
        );
        var foreseen = CasePreview.Of(view, Resolution.Merge, new Dictionary<string, string?> { ["payload"] = "both" });

        Assert.All(foreseen, node => Assert.Equal(("both", "{}"), (node.Row!["payload"], node.Row["facts"])));
    }

    [Fact]
    public void Of_ConflictBetweenOtherVersions_StaysAndSaysSo()
    {
        var strange = SomeCase.Mirror() with
        {
            LocalStamp = SomeCase.Late.Committed.AddHours(1),
            RemoteStamp = SomeCase.Early.Committed.AddHours(1),
        };
        var node = CasePreview.Of(
            SomeCase.View(SomeCase.Entry(), SomeCase.Row("here"), SomeCase.Other(1, "strange", strange)),
            Resolution.KeepLocal,
            null
        )[1];

        Assert.Equal("strange", node.Row!["payload"]);
        Assert.Contains("other versions", node.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NodeWithoutAConflict_StaysAsItIs()
    {
        var node = CasePreview.Of(
            SomeCase.View(SomeCase.Entry(), SomeCase.Row("here"), SomeCase.Other(1, "there")),
            Resolution.KeepLocal,
            null
        )[1];

        Assert.Equal("there", node.Row!["payload"]);
        Assert.Contains("It has no pending conflict about this row", node.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NodeThatDoesNotAnswer_IsNotKnown()
    {
        var node = CasePreview.Of(
            SomeCase.View(SomeCase.Entry(), SomeCase.Row("here"), new RowOnNode(1, null, [], "It cannot be reached.")),
            Resolution.KeepLocal,
            null
        )[1];

        Assert.Equal((false, "It cannot be reached."), (node.IsKnown, node.Why));
    }

    [Theory]
    [InlineData(ConflictType.DeleteOriginDiffers, "delete", Resolution.ApplyRemote, null)]
    [InlineData(ConflictType.DeleteOriginDiffers, "delete", Resolution.Newest, null)]
    [InlineData(ConflictType.DeleteOriginDiffers, "delete", Resolution.KeepLocal, "here")]
    [InlineData(ConflictType.UpdateOriginDiffers, "update", Resolution.Newest, "there")]
    public void Of_Operation_LeavesRow(ConflictType type, string operation, Resolution resolution, string? expected) =>
        Assert.Equal(
            expected,
            CasePreview.Of(SomeCase.View(SomeCase.Entry(7, type, operation), SomeCase.Row("here")), resolution, null)[0].Row?["payload"]
        );

    [Theory]
    [InlineData("insert", ConflictType.InsertExists, Resolution.KeepLocal, "there")]
    [InlineData("update", ConflictType.UpdateOriginDiffers, Resolution.KeepLocal, null)]
    [InlineData("update", ConflictType.UpdateOriginDiffers, Resolution.Newest, null)]
    [InlineData("update", ConflictType.UpdateMissing, Resolution.ApplyRemote, "there")]
    public void Of_RowThatIsGoneSince_IsWhatTheHealerMakesOfIt(
        string operation,
        ConflictType type,
        Resolution resolution,
        string? expected
    ) =>
        Assert.Equal(
            expected,
            CasePreview.Of(SomeCase.View(SomeCase.Entry(7, type, operation), null), resolution, null)[0].Row?["payload"]
        );

    [Fact]
    public void Differing_LeavesOutComputedAndUnsentColumns()
    {
        var left = new Dictionary<string, string?>
        {
            ["id"] = "1",
            ["payload"] = "a",
            ["twice"] = "2",
            ["only"] = "x",
        };
        var right = new Dictionary<string, string?>
        {
            ["id"] = "1",
            ["payload"] = null,
            ["twice"] = "3",
        };

        Assert.Equal(["payload"], CasePreview.Differing(left, right, SomeCase.Columns));
    }
}
