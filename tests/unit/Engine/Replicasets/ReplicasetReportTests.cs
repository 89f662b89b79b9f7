using Traktor.Engine;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Subscriptions.Workers;
using Traktor.UnitTests.Engine.Tables;

namespace Traktor.UnitTests.Engine.Replicasets;

public sealed class ReplicasetReportTests
{
    private static readonly ReplicasetEntry Opening = new(
        new TableName("app", "Orders"),
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

    private static readonly Subscriber Connected = new(1, "trktr_sub_1_0", IsActive: true, HasArbiter: true, 0, 0, 0);

    private static readonly DateTimeOffset At = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private static readonly ResyncFindings NothingLacks = new(0, new Dictionary<int, IReadOnlyList<PeerResync>>());

    private static readonly PolicyDrift NoDrift = new(
        0,
        new PeerPolicies(new Dictionary<TableName, string>(), new Dictionary<int, int>()),
        new Dictionary<int, PeerPolicies>()
    );

    [Fact]
    public void Of_BeingOpened_NamesWhomItWaitsFor()
    {
        var entry = Opening with
        {
            Words = new Dictionary<int, Readiness> { [1] = new(Stage.Unable, "Table is missing."), [2] = new(Stage.Subscribed) },
        };

        var table = ReplicasetReport.Of(
            entry,
            SomeTable.Named("app", "Orders"),
            [Connected, Connected with { Node = 2 }, Connected with { Node = 3, HasArbiter = false }],
            NoDrift,
            NothingLacks
        );

        Assert.Equal("app.Orders", table.Relation);
        Assert.True(table.IsCommitting);
        Assert.Equal([1, 3], table.WaitingFor.Select(waiting => waiting.Node));
        Assert.Equal("Table is missing.", table.WaitingFor[0].Reason);
        Assert.Contains("start it", table.WaitingFor[1].Reason, StringComparison.Ordinal);
        Assert.Empty(table.Findings);
    }

    [Fact]
    public void Of_Open_WaitsForNobody()
    {
        var table = ReplicasetReport.Of(
            Opening with
            {
                State = TableState.Committed,
                Opening = null,
                IsOpen = true,
            },
            SomeTable.Named("app", "Orders"),
            [Connected],
            NoDrift,
            NothingLacks
        );

        Assert.Equal(TableState.Committed, table.Status);
        Assert.False(table.IsCommitting);
        Assert.Empty(table.WaitingFor);
    }

    [Fact]
    public void Of_CommittedAndNotPublished_IsPendingAgainAndSaysWhy()
    {
        var table = ReplicasetReport.Of(
            Opening with
            {
                State = TableState.Committed,
                Opening = null,
            },
            SomeTable.Named("app", "Orders"),
            [],
            NoDrift,
            NothingLacks
        );

        Assert.Equal(TableState.PendingAdd, table.Status);
        Assert.Equal("publication", Assert.Single(table.Findings).Check);
    }

    [Fact]
    public void Of_DroppedTable_SaysThatAlone()
    {
        var finding = Assert.Single(ReplicasetReport.Of(Opening, null, [], NoDrift, NothingLacks).Findings);

        Assert.Equal(("missing", Severity.Error), (finding.Check, finding.Severity));
    }

    [Theory]
    [InlineData(ResyncReason.Excluded, "app.Orders was opened without node 4, which lacks the rows that node 0 had before 2026-11-23")]
    [InlineData(ResyncReason.Subscribed, "Node 4 receives from node 0 since 2026-11-23 09:00:00Z, and may lack rows of app.Orders")]
    [InlineData(ResyncReason.Unpublished, "Node 0 did not publish app.Orders for a time before 2026-11-23")]
    public void Of_APeerMayLackRows_SaysSinceWhenAndWhy(ResyncReason reason, string words)
    {
        var table = ReplicasetReport.Of(
            Opening with
            {
                State = TableState.Committed,
                Resync = [new ResyncMark(Guid.NewGuid(), 4, reason, At)],
                AheadOpen = new HashSet<int> { 1 },
            },
            SomeTable.Named("app", "Orders"),
            [],
            NoDrift,
            NothingLacks
        );

        Assert.Equal([4], table.NeedsResync);
        var finding = Assert.Single(table.Findings);
        Assert.Contains(words, finding.Found, StringComparison.Ordinal);
        Assert.Contains("/v1/arbiter/comparisons", finding.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_APeerSaysThatThisNodeMayLackRows_IsAFindingHereToo()
    {
        var lacking = new ResyncFindings(
            0,
            new Dictionary<int, IReadOnlyList<PeerResync>>
            {
                [3] =
                [
                    new(new TableName("app", "Orders"), new ResyncMark(Guid.NewGuid(), 0, ResyncReason.Subscribed, At)),
                    new(new TableName("app", "Others"), new ResyncMark(Guid.NewGuid(), 0, ResyncReason.Subscribed, At)),
                ],
            }
        );

        var table = ReplicasetReport.Of(
            Opening with
            {
                State = TableState.Committed,
                Opening = null,
                IsOpen = true,
            },
            SomeTable.Named("app", "Orders"),
            [],
            NoDrift,
            lacking
        );

        Assert.Empty(table.NeedsResync);
        Assert.Contains("Node 0 receives from node 3 since", Assert.Single(table.Findings).Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, "has not answered")]
    [InlineData(true, false, "Its arbiter is not connected")]
    [InlineData(false, false, "Neither")]
    public void WhyWaiting_NoWord_SaysWhoIsMissing(bool isActive, bool hasArbiter, string part) =>
        Assert.Contains(
            part,
            ReplicasetReport.WhyWaiting(Opening, Connected with { IsActive = isActive, HasArbiter = hasArbiter }),
            StringComparison.Ordinal
        );
}
