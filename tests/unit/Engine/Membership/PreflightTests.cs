using Traktor.Engine;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;

namespace Traktor.UnitTests.Engine.Membership;

public sealed class PreflightTests
{
    private static readonly ArbiterSettings Settings = new()
    {
        NodeId = 0,
        ConnectionString = "dbname=shop",
        ArbiterUrl = new Uri("http://localhost:8080"),
    };

    private static readonly ServerFacts Fit = new()
    {
        VersionNum = 180004,
        VersionText = "18.4",
        WalLevel = "logical",
        MaxReplicationSlots = 10,
        MaxWalSenders = 10,
        MaxLogicalWorkers = 8,
        MaxWorkerProcesses = 16,
        TrackCommitTimestamp = true,
        MaxOrigins = 10,
        Role = "arbiter",
        IsSuperuser = true,
    };

    private static readonly ServerFacts FitWithoutSuperuser = Fit with
    {
        IsSuperuser = false,
        CanReplicate = true,
        CanCreate = true,
        CanSubscribe = true,
        CanReadStats = true,
        CanReadSubscriptions = true,
        CanUseOrigins = true,
        CanSetRole = true,
    };

    [Fact]
    public void Judge_FitServer_AllOk()
    {
        Assert.All(Preflight.Judge(FitWithoutSuperuser, Settings), finding => Assert.Equal(Severity.Ok, finding.Severity));
    }

    [Fact]
    public void Judge_Superuser_IsMoreThanNeededAndNothingElse()
    {
        var finding = Assert.Single(Preflight.Judge(Fit, Settings), finding => finding.Severity != Severity.Ok);

        Assert.Equal(("privileges", Severity.Info), Key(finding));
        Assert.Contains("grants", finding.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_WalLevelReplica_IsAnErrorWithItsStatement()
    {
        var finding = Worst(Fit with { WalLevel = "replica" });

        Assert.Equal(("wal_level", Severity.Error), (finding.Check, finding.Severity));
        Assert.Contains("ALTER SYSTEM SET wal_level = 'logical'", finding.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false, Severity.Ok)]
    [InlineData("log_statement = all", true, Severity.Ok)]
    [InlineData("log_statement = all", false, Severity.Warning)]
    public void Judge_LogOfParameters_IsAWarningWhereTheRoleCannotTurnItOff(string logging, bool canHide, Severity severity)
    {
        var finding = Of("log_parameters", FitWithoutSuperuser with { Logging = logging, CanHideParameters = canHide });

        Assert.Equal(severity, finding.Severity);
        Assert.Equal(severity != Severity.Ok, finding.Found.Contains(logging, StringComparison.Ordinal) && finding.Hint is not null);
    }

    [Theory]
    [InlineData(150018, Severity.Error)]
    [InlineData(160000, Severity.Ok)]
    [InlineData(180004, Severity.Ok)]
    [InlineData(190000, Severity.Warning)]
    public void Judge_Version_IsJudged(int version, Severity severity) =>
        Assert.Equal(severity, Of("server_version", Fit with { VersionNum = version }).Severity);

    [Theory]
    [InlineData(8, Severity.Ok)]
    [InlineData(9, Severity.Warning)]
    [InlineData(10, Severity.Error)]
    public void Judge_SlotsInUse_AreCounted(int used, Severity severity)
    {
        var finding = Of("max_replication_slots", Fit with { UsedSlots = used });

        Assert.Equal(severity, finding.Severity);
        Assert.Equal(
            severity != Severity.Ok,
            finding.Hint?.Contains($"max_replication_slots = {used + 8}", StringComparison.Ordinal) ?? false
        );
    }

    [Fact]
    public void Judge_NoCommitTimestamps_IsAWarning() =>
        Assert.Equal(("track_commit_timestamp", Severity.Warning), Key(Worst(Fit with { TrackCommitTimestamp = false })));

    [Fact]
    public void Judge_Standby_IsAnError() => Assert.Equal(("primary", Severity.Error), Key(Worst(Fit with { IsStandby = true })));

    [Fact]
    public void Judge_Before18_OriginsAreNotAskedFor() =>
        Assert.DoesNotContain(
            Preflight.Judge(Fit with { MaxOrigins = null }, Settings),
            finding => finding.Check == "max_active_replication_origins"
        );

    [Fact]
    public void Judge_RoleWithoutGrants_NamesEachThatIsMissing()
    {
        var finding = Of("privileges", FitWithoutSuperuser with { CanSubscribe = false, CanSetRole = false });

        Assert.Equal(Severity.Error, finding.Severity);
        Assert.Contains("pg_create_subscription; SET ON PARAMETER", finding.Found, StringComparison.Ordinal);
        Assert.DoesNotContain("pg_read_all_stats", finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_15WithCompatibility_NeedsASuperuserAndAShortRetryInterval()
    {
        var findings = Preflight
            .Judge(FitWithoutSuperuser with { VersionNum = 150018, WalRetrieveRetryMs = 5000 }, Settings with { Pre16Compatibility = true })
            .ToList();

        Assert.Equal(Severity.Ok, findings.Single(finding => finding.Check == "server_version").Severity);
        Assert.Equal(Severity.Warning, findings.Single(finding => finding.Check == "wal_retrieve_retry_interval").Severity);
        Assert.Equal(Severity.Error, findings.Single(finding => finding.Check == "privileges").Severity);
        Assert.All(
            Preflight.Judge(Fit with { VersionNum = 150018, WalRetrieveRetryMs = 1000 }, Settings with { Pre16Compatibility = true }),
            finding => Assert.Equal(Severity.Ok, finding.Severity)
        );
    }

    [Theory]
    [InlineData(false, 160000, false, false, Severity.Ok, "is False.")]
    [InlineData(true, 150018, true, true, Severity.Ok, "for node 1")]
    [InlineData(true, 160000, true, false, Severity.Ok, "can be set to False")]
    [InlineData(true, 160000, false, false, Severity.Warning, "False on node 1")]
    [InlineData(false, 150018, true, true, Severity.Warning, "True on node 1")]
    [InlineData(false, 150018, false, true, Severity.Warning, "node 1 needs this node's marks")]
    public void Compatibility_AgainstAPeer_IsJudged(
        bool isOn,
        int peerVersion,
        bool peerIsOn,
        bool needsMarks,
        Severity severity,
        string part
    )
    {
        KnownNode[] nodes = [new(0, true, null, 180004, null, isOn), new(1, false, null, peerVersion, null, peerIsOn)];

        var finding = MeshFindings.Compatibility(isOn, nodes, needsMarks ? [1] : []);

        Assert.Equal(("pre16compatibility", severity), Key(finding));
        Assert.Contains(part, finding.Found, StringComparison.Ordinal);
        Assert.Equal(severity == Severity.Ok, finding.Hint is null);
    }

    [Fact]
    public void Demand_Errors_RefusesNamingAllOfThem()
    {
        var refusal = Assert.Throws<RefusedException>(() =>
            Preflight.Demand([.. Preflight.Judge(Fit with { WalLevel = "replica", IsStandby = true }, Settings)])
        );

        Assert.Equal(RefusalKind.Preflight, refusal.Kind);
        Assert.Contains("wal_level", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("standby", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Demand_WarningsOnly_Passes() => Preflight.Demand([.. Preflight.Judge(Fit with { TrackCommitTimestamp = false }, Settings)]);

    [Theory]
    [InlineData(499.9, Severity.Ok, "ahead of")]
    [InlineData(-499.9, Severity.Ok, "behind")]
    [InlineData(500, Severity.Warning, "ahead of")]
    [InlineData(-3000, Severity.Warning, "behind")]
    public void Clock_Offset_IsJudged(double offset, Severity severity, string word)
    {
        var finding = MeshFindings.Clock(4, offset);

        Assert.Equal(("clock_offset_4", severity), Key(finding));
        Assert.Contains(word, finding.Found, StringComparison.Ordinal);
    }

    private static (string Check, Severity Severity) Key(Finding finding) => (finding.Check, finding.Severity);

    private static Finding Of(string check, ServerFacts facts) =>
        Preflight.Judge(facts, Settings).Single(finding => finding.Check == check);

    private static Finding Worst(ServerFacts facts) => Preflight.Judge(facts, Settings).Single(finding => finding.Severity > Severity.Info);
}
