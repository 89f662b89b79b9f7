using Bunit;
using Traktor.Engine.Subscriptions;
using Traktor.Web.Components.Mesh;
using Traktor.Web.Components.Subscriptions;
using Traktor.Web.Live.Mesh;

namespace Traktor.UnitTests.Web.Live.Mesh;

public sealed class MeshEdgeTests
{
    private static EdgeState State(MeshView view, int from, int to) =>
        MeshEdge.Of(view).Single(edge => edge.From == from && edge.To == to).State;

    [Fact]
    public void Of_ThreeNodes_HasEveryDirectionOnce() =>
        Assert.Equal(
            6,
            MeshEdge
                .Of(SomeMesh.Of(SomeMesh.Node(0), SomeMesh.Node(1), SomeMesh.Node(2)))
                .Select(edge => (edge.From, edge.To))
                .Distinct()
                .Count()
        );

    [Fact]
    public void Of_NoSubscription_IsMissing()
    {
        var view = SomeMesh.Of(SomeMesh.Node(0, SomeMesh.Subscription(1)), SomeMesh.Node(1));

        Assert.Equal(EdgeState.Streaming, State(view, 1, 0));
        Assert.Equal(EdgeState.Missing, State(view, 0, 1));
    }

    [Theory]
    [InlineData(SubscriptionState.Stopped, SubscriptionWait.Decision, EdgeState.WaitingForDecision)]
    [InlineData(SubscriptionState.Stopped, SubscriptionWait.ApplyError, EdgeState.ApplyError)]
    [InlineData(SubscriptionState.Stopped, null, EdgeState.ApplyError)]
    [InlineData(SubscriptionState.Healing, null, EdgeState.Healing)]
    [InlineData(SubscriptionState.Broken, null, EdgeState.Broken)]
    public void Of_SubscriptionThatDoesNotStream_SaysWhy(SubscriptionState state, SubscriptionWait? waitsFor, EdgeState expected) =>
        Assert.Equal(
            expected,
            State(SomeMesh.Of(SomeMesh.Node(0, SomeMesh.Subscription(1, state) with { WaitsFor = waitsFor }), SomeMesh.Node(1)), 1, 0)
        );

    [Fact]
    public void Of_ArbiterThatDoesNotAnswer_IsNotKnownWhateverItSaidLast()
    {
        var silent = SomeMesh.Node(1, SomeMesh.Subscription(0)) with { Problem = "It cannot be reached." };

        Assert.Equal(EdgeState.Unknown, State(SomeMesh.Of(SomeMesh.Node(0), silent), 0, 1));
        Assert.Equal(EdgeState.Unknown, State(SomeMesh.Of(SomeMesh.Node(0), silent with { Subscriptions = null }), 0, 1));
    }

    [Fact]
    public void Of_ServerThatDoesNotAnswer_IsNotKnown()
    {
        var node = SomeMesh.Node(1, SomeMesh.Subscription(0));

        Assert.Equal(
            EdgeState.Unknown,
            State(SomeMesh.Of(SomeMesh.Node(0), node with { Status = node.Status! with { IsReachable = false } }), 0, 1)
        );
    }

    [Fact]
    public void Health_SeveralProblems_IsTheWorst()
    {
        var (a, b) = (SomeMesh.Node(0, SomeMesh.Subscription(1)), SomeMesh.Node(1, SomeMesh.Subscription(0)));

        Assert.Equal(new Headline(Health.Good, "All 2 nodes are healthy"), MeshHealth.Of(SomeMesh.Of(a, b)));
        Assert.Equal(
            "1 link is paused",
            MeshHealth.Of(SomeMesh.Of(a, SomeMesh.Node(1, SomeMesh.Subscription(0, SubscriptionState.Paused)))).Text
        );
        Assert.Equal("1 link is missing", MeshHealth.Of(SomeMesh.Of(a, SomeMesh.Node(1))).Text);
        Assert.Equal(new Headline(Health.Bad, "1 arbiter does not answer"), MeshHealth.Of(SomeMesh.Of(a, b with { Problem = "gone" })));
        Assert.Equal(
            "3 pending conflicts",
            MeshHealth.Of(SomeMesh.Of(a, b with { Status = b.Status! with { ConflictsPending = 3 } })).Text
        );
        Assert.Equal("No subscriptions yet", MeshHealth.Of(SomeMesh.Of(SomeMesh.Node(0))).Text);
        Assert.Equal(
            "Not initialised",
            MeshHealth.Of(SomeMesh.Of(a with { Status = a.Status! with { IsInitialized = false }, Subscriptions = [] })).Text
        );
    }

    [Fact]
    public void Matrix_EveryCell_SaysInWordsWhatItIs()
    {
        using var context = new BunitContext();
        var stopped = SomeMesh.Subscription(1, SubscriptionState.Stopped);
        var view = SomeMesh.Of(SomeMesh.Node(0, stopped with { WaitsFor = SubscriptionWait.Decision }), SomeMesh.Node(1));
        MeshEdge? picked = null;
        var matrix = context.Render<EdgeMatrix>(p =>
            p.Add(m => m.View, view).Add(m => m.Edges, MeshEdge.Of(view)).Add(m => m.Picked, edge => picked = edge)
        );

        Assert.Equal(2, matrix.FindAll("button").Count);
        var words = matrix
            .FindAll("button")
            .Select(button => string.Join(' ', button.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .ToList();
        Assert.StartsWith("From node 1 to node 0: ◆ waiting for decision", words[0], StringComparison.Ordinal);
        Assert.Equal("From node 0 to node 1: + missing", words[1]);
        matrix.FindAll("button")[1].Click();
        Assert.Equal((0, 1), (picked?.From, picked?.To));
    }

    [Fact]
    public void Drawing_ByKeyboard_PicksALink()
    {
        using var context = new BunitContext();
        var view = SomeMesh.Of(SomeMesh.Node(0, SomeMesh.Subscription(1)), SomeMesh.Node(1, SomeMesh.Subscription(0)));
        MeshEdge? picked = null;
        var drawing = context.Render<MeshDrawing>(p => p.Add(m => m.View, view).Add(m => m.EdgePicked, edge => picked = edge));

        Assert.Equal(2, drawing.FindAll("g[tabindex='0']").Count);
        drawing.Find("g[aria-label^='From node 1 to node 0: streaming']").KeyDown("Enter");
        Assert.Equal((1, 0), (picked?.From, picked?.To));
    }
}
