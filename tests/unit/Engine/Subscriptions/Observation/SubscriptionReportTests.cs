using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.UnitTests.Engine.Subscriptions.Observation;

public sealed class SubscriptionReportTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly CatalogSubscription Enabled = new(
        16400,
        1,
        IsEnabled: true,
        "host=peer user=arbiter password=s3cret",
        HasSlot: true,
        ApplyErrors: 0,
        PausedAt: null,
        HealingState: null,
        HealingNote: null,
        IsFiltered: false,
        PeerIncarnation: null,
        Tables: 3
    );

    private static readonly PeerObservation Fine = new(
        LastContactAt: Noon,
        IsActive: true,
        LagMs: 4,
        LagBytes: 10,
        RetainedBytes: 20,
        ClockOffsetMs: 7
    );

    [Fact]
    public void StateOf_AllWell_Streams() => AssertState(SubscriptionState.Streaming, false, Enabled, Fine);

    [Fact]
    public void StateOf_NotHeardYet_CatchesUp() => AssertState(SubscriptionState.CatchingUp, false, Enabled, new PeerObservation());

    [Fact]
    public void StateOf_WalsenderCatchesUp_CatchesUp() =>
        AssertState(SubscriptionState.CatchingUp, false, Enabled, Fine with { IsCatchingUp = true });

    [Fact]
    public void StateOf_SlotIdle_CatchesUp() => AssertState(SubscriptionState.CatchingUp, false, Enabled, Fine with { IsActive = false });

    [Fact]
    public void StateOf_Failing_Stopped() => AssertState(SubscriptionState.Stopped, true, Enabled, Fine, isFailing: true);

    [Fact]
    public void StateOf_PeerGone_UnreachableAlsoWhenFailing() =>
        AssertState(SubscriptionState.Unreachable, true, Enabled, Fine with { Unreachable = "connection refused" }, isFailing: true);

    [Theory]
    [InlineData(40, 45, "Changes of node 1 are missing on node 0 (its heartbeat 45 came after 40)")]
    [InlineData(40, 38, "Node 1 has gone back to an earlier state (its heartbeat 38 came after 40)")]
    [InlineData(40, 40, "Node 1 has gone back to an earlier state")]
    public void StateOf_StreamWithAGap_BrokenAlsoWhenItIsStoppedForIt(long from, long to, string words)
    {
        var (state, error) = SubscriptionReport.StateOf(
            0,
            Enabled with
            {
                IsEnabled = false,
                PausedAt = Noon,
                Gap = new StreamGap(from, to, Noon),
            },
            Fine,
            isFailing: false
        );

        Assert.Equal(SubscriptionState.Broken, state);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Contains("POST /v1/arbiter/subscription/1/renew", error, StringComparison.Ordinal);
    }

    [Fact]
    public void StateOf_PausedByUs_PausedAlsoWhenThePeerIsGone() =>
        AssertState(
            SubscriptionState.Paused,
            false,
            Enabled with
            {
                IsEnabled = false,
                PausedAt = Noon,
            },
            Fine with
            {
                Unreachable = "connection refused",
            }
        );

    [Fact]
    public void StateOf_DisabledByHand_IsLeftAloneAndSaysSo() =>
        AssertState(SubscriptionState.Disabled, true, Enabled with { IsEnabled = false }, Fine);

    [Theory]
    [InlineData("healing", SubscriptionState.Healing, false)]
    [InlineData("awaiting", SubscriptionState.Stopped, true)]
    [InlineData("stuck", SubscriptionState.Stopped, true)]
    public void StateOf_DisabledByUs_SaysWhatFor(string healing, SubscriptionState expected, bool hasError) =>
        AssertState(
            expected,
            hasError,
            Enabled with
            {
                IsEnabled = false,
                HealingState = healing,
                HealingNote = "A conflict waits for a decision.",
            },
            Fine
        );

    [Theory]
    [InlineData("healing", null)]
    [InlineData("awaiting", SubscriptionWait.Decision)]
    [InlineData("stuck", SubscriptionWait.ApplyError)]
    public void Of_DisabledByUs_SaysWhatItWaitsFor(string healing, SubscriptionWait? expected) =>
        Assert.Equal(
            expected,
            SubscriptionReport.Of(0, Enabled with { IsEnabled = false, HealingState = healing }, Fine, isFailing: false, 0, Noon).WaitsFor
        );

    [Fact]
    public void StateOf_EnabledByHandWhilePaused_Streams() =>
        AssertState(SubscriptionState.Streaming, false, Enabled with { PausedAt = Noon }, Fine);

    [Fact]
    public void StateOf_WithoutSlot_Broken() =>
        AssertState(SubscriptionState.Broken, true, Enabled with { HasSlot = false, IsEnabled = false }, Fine);

    [Fact]
    public void StateOf_PeerIsAnotherNode_Broken() =>
        AssertState(SubscriptionState.Broken, true, Enabled, Fine with { Broken = "It is another node." });

    [Fact]
    public void Of_Streaming_CarriesFiguresAndMasksThePassword()
    {
        var status = SubscriptionReport.Of(0, Enabled, Fine, isFailing: false, ownClockOffsetMs: 2, Noon);

        Assert.Equal("trktr_sub_0_1", status.Name);
        Assert.Equal(
            (4.0, 10L, 20L, 5.0, 3),
            (status.LagMs, status.LagBytes, status.WalRetainedBytes, status.ClockOffsetMs, status.Tables)
        );
        Assert.DoesNotContain("s3cret", status.ConnectionString, StringComparison.Ordinal);
        Assert.Null(status.LastError);
    }

    [Fact]
    public void Of_NotRunning_ClaimsNoLag() =>
        Assert.Null(
            SubscriptionReport.Of(0, Enabled, Fine with { Unreachable = "gone" }, isFailing: false, ownClockOffsetMs: 0, Noon).LagMs
        );

    [Fact]
    public void Of_NotHeardForSeconds_ClaimsNoLag()
    {
        var status = SubscriptionReport.Of(0, Enabled, Fine, isFailing: false, ownClockOffsetMs: 0, Noon + SubscriptionReport.Freshness);

        Assert.Equal((null, null, null), (status.LagMs, status.LagBytes, status.WalRetainedBytes));
    }

    [Fact]
    public void Of_ConnectionStringThatCannotBeRead_StillHidesThePassword() =>
        Assert.DoesNotContain(
            "s3cret",
            SubscriptionReport
                .Of(
                    0,
                    Enabled with
                    {
                        ConnectionString = "host=peer nonsense=1 password=s3cret",
                    },
                    Fine,
                    isFailing: false,
                    ownClockOffsetMs: 0,
                    Noon
                )
                .ConnectionString,
            StringComparison.Ordinal
        );

    [Fact]
    public void Of_TableThatCannotBeReceived_IsTheError() =>
        Assert.Equal(
            "app.orders cannot be received",
            SubscriptionReport
                .Of(0, Enabled, Fine with { Findings = "app.orders cannot be received" }, isFailing: false, ownClockOffsetMs: 0, Noon)
                .LastError
        );

    private static void AssertState(
        SubscriptionState expected,
        bool hasError,
        CatalogSubscription subscription,
        PeerObservation seen,
        bool isFailing = false
    )
    {
        var (state, error) = SubscriptionReport.StateOf(0, subscription, seen, isFailing);

        Assert.Equal(expected, state);
        Assert.Equal(hasError, error is not null);
    }
}
