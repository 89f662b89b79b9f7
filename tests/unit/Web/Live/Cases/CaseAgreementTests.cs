using Traktor.Engine.Conflicts;
using Traktor.Engine.Subscriptions;
using Traktor.UnitTests.Web.Live.Mesh;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Mesh;

namespace Traktor.UnitTests.Web.Live.Cases;

public sealed class CaseAgreementTests
{
    private static readonly MeshView Well = SomeMesh.Of(
        SomeMesh.Node(0, SomeMesh.Subscription(1)),
        SomeMesh.Node(1, SomeMesh.Subscription(0))
    );

    private static readonly Traktor.Engine.Conflicts.Records.HistoryEntry Done = SomeCase.Entry() with
    {
        Resolved = SomeCase.Late.Committed,
        Resolution = "keep_local",
        Decision = Resolution.KeepLocal,
    };

    [Fact]
    public void Of_SameRows_IsGood() =>
        Assert.Equal(
            (Health.Good, "All 2 nodes are equal for this key."),
            Of(SomeCase.View(Done, SomeCase.Row("x"), SomeCase.Other(1, "x")))
        );

    [Fact]
    public void Of_NoRowAnywhere_IsGood() =>
        Assert.Equal(
            (Health.Good, "All 2 nodes are equal for this key: none has the row."),
            Of(SomeCase.View(Done, null, new RowOnNode(1, SomeCase.Found(1, null), [], null)))
        );

    [Fact]
    public void Of_RowOnOneNodeOnly_Differs() =>
        Assert.Equal((Health.Bad, "The nodes differ for this key."), Of(SomeCase.View(Done, null, SomeCase.Other(1, "x"))));

    [Fact]
    public void Of_SilentNode_IsNeverCalledEqual() =>
        Assert.Equal(
            (Health.Waiting, "1 of 2 nodes have the same row; the others do not answer."),
            Of(SomeCase.View(Done, SomeCase.Row("x"), new RowOnNode(1, null, [], "It cannot be reached.")))
        );

    [Fact]
    public void Of_Differing_NamesWhatKeepsThemApart()
    {
        IReadOnlyList<string> Why(CaseView view, MeshView mesh) => CaseAgreement.Of(view, mesh).Nodes[1].Why;

        Assert.Contains(
            "Conflict 9 of node 1 needs a decision.",
            Why(SomeCase.View(Done, SomeCase.Row("x"), SomeCase.Other(1, "y", SomeCase.Mirror())), Well)
        );
        Assert.StartsWith(
            "No cause is known",
            Assert.Single(Why(SomeCase.View(Done, SomeCase.Row("x"), SomeCase.Other(1, "y")), Well)),
            StringComparison.Ordinal
        );
        var paused = SomeMesh.Of(
            SomeMesh.Node(0, SomeMesh.Subscription(1)),
            SomeMesh.Node(1, SomeMesh.Subscription(0, SubscriptionState.Paused))
        );
        Assert.Contains(
            "Node 1 does not receive from node 0 (paused).",
            Why(SomeCase.View(Done, SomeCase.Row("x"), SomeCase.Other(1, "y")), paused)
        );
    }

    private static (Health, string) Of(CaseView view)
    {
        var agreement = CaseAgreement.Of(view, Well);
        return (agreement.Health, agreement.Text);
    }
}
