using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.UnitTests.Engine.Replicasets.Opening;

/// <summary>The decisions one by one; <see cref="OpeningWalkTests"/> is about what they add up to.</summary>
public sealed class OpeningStepTests
{
    private static readonly int[] Nobody = [];

    private static readonly ReplicasetEntry Staged = new(
        new TableName("app", "orders"),
        TableState.PendingAdd,
        "last_update_wins",
        true,
        Guid.NewGuid(),
        [],
        Exists: true,
        IsOpen: false,
        IsClosed: false,
        new HashSet<int>(),
        new HashSet<int>(),
        new Dictionary<int, Readiness>(),
        []
    );

    [Fact]
    public void Next_NoSubscribers_Opens() => AssertStep(OpeningAction.Open, Nobody, OpeningStep.Next(Staged, []));

    [Fact]
    public void Next_SomebodySilent_Waits() =>
        AssertStep(OpeningAction.Wait, Nobody, OpeningStep.Next(Staged with { Words = Said((1, Stage.Able)) }, [1, 2]));

    [Fact]
    public void Next_SomebodyUnable_Waits() =>
        AssertStep(OpeningAction.Wait, Nobody, OpeningStep.Next(Staged with { Words = Said((1, Stage.Able), (2, Stage.Unable)) }, [1, 2]));

    [Fact]
    public void Next_AllAble_Closes() =>
        AssertStep(OpeningAction.Close, Nobody, OpeningStep.Next(Staged with { Words = Said((1, Stage.Able), (2, Stage.Able)) }, [1, 2]));

    [Fact]
    public void Next_ClosedAndOneNotSubscribed_Waits() =>
        AssertStep(
            OpeningAction.Wait,
            Nobody,
            OpeningStep.Next(Staged with { IsClosed = true, Words = Said((1, Stage.Subscribed), (2, Stage.Able)) }, [1, 2])
        );

    [Fact]
    public void Next_ClosedAndAllSubscribed_Opens() =>
        AssertStep(
            OpeningAction.Open,
            Nobody,
            OpeningStep.Next(Staged with { IsClosed = true, Words = Said((1, Stage.Subscribed), (2, Stage.Subscribed)) }, [1, 2])
        );

    [Fact]
    public void Next_SubscribedToWhatIsNotPublished_DoesNotOpen() =>
        AssertStep(OpeningAction.Close, Nobody, OpeningStep.Next(Staged with { Words = Said((1, Stage.Subscribed)) }, [1]));

    [Fact]
    public void Next_ClosedAndOneUnable_Withdraws() =>
        AssertStep(
            OpeningAction.Withdraw,
            Nobody,
            OpeningStep.Next(Staged with { IsClosed = true, Words = Said((1, Stage.Subscribed), (2, Stage.Unable)) }, [1, 2])
        );

    [Fact]
    public void Next_WordOfOneWhoLeft_DoesNotCount() =>
        AssertStep(OpeningAction.Close, Nobody, OpeningStep.Next(Staged with { Words = Said((1, Stage.Able), (2, Stage.Unable)) }, [1]));

    [Fact]
    public void Next_Forced_ClosesForTheAbleAlone() =>
        AssertStep(OpeningAction.CloseAhead, [1], OpeningStep.Next(Staged with { Excluded = [2], Words = Said((1, Stage.Able)) }, [1, 2]));

    [Fact]
    public void Next_ForcedAndReady_OpensAheadAndNotesTheOther()
    {
        var entry = Staged with
        {
            Excluded = [2],
            AheadClosed = new HashSet<int> { 1 },
            Words = Said((1, Stage.Subscribed)),
        };
        var step = OpeningStep.Next(entry, [1, 2]);

        AssertStep(OpeningAction.OpenAhead, [1], step);
        Assert.Equal([2], step.WhoLacksRows(entry, [1, 2]));
    }

    [Fact]
    public void Next_ForcedWithNobodyReady_OpensForNobodyAndNotesAll()
    {
        var entry = Staged with { Excluded = [1, 2] };
        var step = OpeningStep.Next(entry, [1, 2]);

        AssertStep(OpeningAction.OpenAhead, Nobody, step);
        Assert.Equal([1, 2], step.WhoLacksRows(entry, [1, 2]));
    }

    [Fact]
    public void Next_LatecomerReadyAndAnotherDead_OpensForTheLatecomer()
    {
        var forced = Staged with
        {
            State = TableState.Committed,
            AheadOpen = new HashSet<int> { 1 },
            AheadClosed = new HashSet<int> { 2 },
            Resync = Lacking(2, 3),
            Words = Said((1, Stage.Subscribed), (2, Stage.Subscribed)),
        };

        AssertStep(OpeningAction.OpenAhead, [2], OpeningStep.Next(forced, [1, 2, 3]));
    }

    [Fact]
    public void Next_ForcedForNobodyThenOneAble_DoesNotWaitForTheOther()
    {
        var forced = Staged with { State = TableState.Committed, Resync = Lacking(1, 2), Words = Said((1, Stage.Able)) };

        AssertStep(OpeningAction.CloseAhead, [1], OpeningStep.Next(forced, [1, 2]));
    }

    [Fact]
    public void Next_PublishedToOneWhoCannotTakeIt_WithdrawsFromThatOne()
    {
        var forced = Staged with
        {
            State = TableState.Committed,
            AheadOpen = new HashSet<int> { 1 },
            AheadClosed = new HashSet<int> { 2 },
            Words = Said((1, Stage.Subscribed), (2, Stage.Unable)),
        };

        AssertStep(OpeningAction.WithdrawAhead, [2], OpeningStep.Next(forced, [1, 2]));
        AssertStep(OpeningAction.Wait, Nobody, OpeningStep.Next(forced with { AheadClosed = new HashSet<int>() }, [1, 2]));
    }

    [Fact]
    public void WhoLacksRows_JoinedAfterOthersReceived_IsNoted()
    {
        var forced = Staged with
        {
            State = TableState.Committed,
            AheadOpen = new HashSet<int> { 1 },
            AheadClosed = new HashSet<int> { 2 },
            Words = Said((2, Stage.Subscribed)),
        };

        Assert.Equal([2], new OpeningStep(OpeningAction.OpenAhead, [2]).WhoLacksRows(forced, [1, 2]));
        Assert.Equal([2], new OpeningStep(OpeningAction.Open, []).WhoLacksRows(forced, [1, 2]));
        Assert.Empty(new OpeningStep(OpeningAction.Open, []).WhoLacksRows(Staged, [1, 2]));
    }

    private static ResyncMark[] Lacking(params int[] nodes) =>
        [.. nodes.Select(node => new ResyncMark(Guid.Empty, node, ResyncReason.Excluded, default))];

    private static Dictionary<int, Readiness> Said(params (int Node, Stage Stage)[] words) =>
        words.ToDictionary(word => word.Node, word => new Readiness(word.Stage));

    private static void AssertStep(OpeningAction action, int[] nodes, OpeningStep step)
    {
        Assert.Equal(action, step.Action);
        Assert.Equal(nodes, step.Nodes);
    }
}
