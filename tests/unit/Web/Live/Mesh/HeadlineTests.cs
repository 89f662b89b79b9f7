using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;
using Traktor.UnitTests.Web.Contracts;
using Traktor.Web.Live.Mesh;

namespace Traktor.UnitTests.Web.Live.Mesh;

public sealed class HeadlineTests
{
    private static NodeStatus Status => StatusAnswerTests.Status() with { ConflictsPending = 0 };

    private static NodeSeen Seen(NodeStatus status, IReadOnlyList<ReplicasetTable>? tables) => new(0, true, null, status, Tables: tables);

    private static PeerStatus Peer(int node, SubscriptionState state) => new(node, state, null, null, null, null);

    [Fact]
    public void Of_AllStream_IsGoodAndNamesThem() =>
        Assert.Equal(
            new Headline(Health.Good, "Receiving from nodes 1, 2 and 3."),
            Headline.Of(Status with { Peers = [.. new[] { 1, 2, 3 }.Select(n => Peer(n, SubscriptionState.Streaming))] })
        );

    [Theory]
    [InlineData(SubscriptionState.Unreachable)]
    [InlineData(SubscriptionState.Stopped)]
    [InlineData(SubscriptionState.Paused)]
    public void Of_OneAway_IsBadAndNamesIt(SubscriptionState state) =>
        Assert.Equal(
            new Headline(Health.Bad, "Not receiving from node 2."),
            Headline.Of(Status with { Peers = [Peer(1, SubscriptionState.Streaming), Peer(2, state)] })
        );

    [Fact]
    public void Of_Unreachable_SaysSoWhateverElseIsKnown() =>
        Assert.Equal(
            new Headline(Health.Bad, "PostgreSQL does not answer."),
            Headline.Of(Status with { IsReachable = false, IsInitialized = false })
        );

    [Fact]
    public void Of_ConflictsPending_CountsThem() =>
        Assert.Equal("2 conflicts need a decision.", Headline.Of(Status with { ConflictsPending = 2 }).Text);

    [Fact]
    public void NextStep_FreshNode_GoesFromInitializeToDone()
    {
        var table = new ReplicasetTable("a.b", TableState.PendingAdd, "last_update_wins", true, false, [], [], []);

        Assert.Equal(NextStep.Done, NextSteps.Of(Seen(Status with { IsReachable = false, IsInitialized = false }, null)));
        Assert.Equal(NextStep.Initialize, NextSteps.Of(Seen(Status with { IsInitialized = false }, null)));
        Assert.Equal(NextStep.Subscribe, NextSteps.Of(Seen(Status with { Peers = [] }, [])));
        Assert.Equal(NextStep.AddTables, NextSteps.Of(Seen(Status, [])));
        Assert.Equal(NextStep.Commit, NextSteps.Of(Seen(Status, [table])));
        Assert.Equal(NextStep.Done, NextSteps.Of(Seen(Status, [table with { IsCommitting = true }])));
        Assert.Equal(NextStep.Done, NextSteps.Of(Seen(Status, [table with { Status = TableState.Committed }])));
    }
}
