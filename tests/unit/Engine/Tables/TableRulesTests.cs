using Traktor.Engine;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tables;

namespace Traktor.UnitTests.Engine.Tables;

public sealed class TableRulesTests
{
    private static readonly TableFacts NoKey = SomeTable.Plain with { Key = [], Primary = false, Candidate = null };

    [Fact]
    public void Findings_PlainTable_None() => Assert.Empty(TableRules.Findings(SomeTable.Plain));

    [Fact]
    public void Findings_PartitionedTable_None() => Assert.Empty(TableRules.Findings(SomeTable.Plain with { Kind = 'p' }));

    [Theory]
    [InlineData('v', "view")]
    [InlineData('m', "materialised view")]
    [InlineData('f', "foreign table")]
    [InlineData('S', "sequence")]
    public void Findings_NoTable_SaysWhatItIs(char kind, string word)
    {
        var finding = AssertOne("kind", SomeTable.Plain with { Kind = kind });

        Assert.Contains($"is a {word};", finding.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pg_catalog")]
    [InlineData("information_schema")]
    [InlineData("trktr")]
    public void Findings_SystemSchema_IsRefused(string schema) => AssertOne("schema", SomeTable.Named(schema, "node"));

    [Fact]
    public void Findings_Partition_NamesItsRoot() =>
        Assert.Contains(
            "app.measures",
            AssertOne("partition", SomeTable.Plain with { Root = new TableName("app", "measures") }).Hint,
            StringComparison.Ordinal
        );

    [Fact]
    public void Findings_Unlogged_CanBeMended() =>
        Assert.Equal(
            "ALTER TABLE app.orders SET LOGGED;",
            AssertOne("persistence", SomeTable.Plain with { Persistence = 'u' }).Hint?.Replace("\"", "", StringComparison.Ordinal)
        );

    [Fact]
    public void Findings_Temporary_IsRefused() =>
        AssertOne("persistence", SomeTable.Named("pg_temp_3", "scratch") with { Persistence = 't' });

    [Fact]
    public void Findings_PartOfAnotherOwner_IsNamedAndCanBeMended()
    {
        var finding = AssertOne(
            "partition_owner",
            SomeTable.Plain with
            {
                Kind = 'p',
                OtherPart = new("app", "orders_1", "mallory", "ann"),
            }
        );

        Assert.Contains("app.orders_1, a part of app.orders, belongs to role mallory", finding.Found, StringComparison.Ordinal);
        Assert.Equal("ALTER TABLE app.orders_1 OWNER TO ann;", finding.Hint?.Replace("\"", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Findings_ForeignPartition_IsRefused() => AssertOne("partitions", SomeTable.Plain with { Kind = 'p', Foreign = true });

    [Fact]
    public void Findings_NoKey_ProposesOneOverItsFirstColumn()
    {
        var finding = AssertOne("replica_identity", NoKey);

        Assert.Contains("has no primary key", finding.Found, StringComparison.Ordinal);
        Assert.Contains("ADD PRIMARY KEY (", finding.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_NoKeyButUniqueIndex_ProposesTheIndex() =>
        Assert.Contains(
            "REPLICA IDENTITY USING INDEX",
            AssertOne("replica_identity", NoKey with { Candidate = "orders_number" }).Hint,
            StringComparison.Ordinal
        );

    [Fact]
    public void Findings_IdentityNothing_ProposesThePrimaryKey() =>
        Assert.Contains(
            "REPLICA IDENTITY DEFAULT",
            AssertOne("replica_identity", SomeTable.Plain with { Identity = 'n', Key = [] }).Hint,
            StringComparison.Ordinal
        );

    [Fact]
    public void Warnings_OtherSubscriptions_AreNamedAndHinderNothing()
    {
        var facts = SomeTable.Plain with { Feeds = ["legacy"] };

        var warning = Assert.Single(TableRules.Warnings(facts));
        Assert.Equal(("other_subscription", Severity.Warning), (warning.Check, warning.Severity));
        Assert.StartsWith("Subscription legacy brings rows into app.orders.", warning.Found, StringComparison.Ordinal);
        Assert.Empty(TableRules.Findings(facts));
    }

    [Fact]
    public void Findings_DeferrableKey_IsMadeAnew()
    {
        var finding = AssertOne("replica_identity", NoKey with { Primary = true, Deferrable = new DeferrableKey("orders_pkey", ["id"]) });

        Assert.Contains("deferrable", finding.Found, StringComparison.Ordinal);
        Assert.Contains(
            "DROP CONSTRAINT \"orders_pkey\", ADD CONSTRAINT \"orders_pkey\" PRIMARY KEY (\"id\")",
            finding.Hint,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Findings_DeferrableUniqueKeyOfAPartition_IsMadeAnew()
    {
        var finding = AssertOne(
            "deferrable",
            SomeTable.Plain with
            {
                Kind = 'p',
                Unchecked = [new DeferrableConstraint(new TableName("app", "orders_1"), "orders_number", "UNIQUE (number)")],
            }
        );

        Assert.Equal(
            "ALTER TABLE \"app\".\"orders_1\" DROP CONSTRAINT \"orders_number\", ADD CONSTRAINT \"orders_number\" UNIQUE (number);",
            finding.Hint
        );
    }

    [Fact]
    public void Findings_OwnerThatWeAreNoMemberOf_ProposesMembership() =>
        Assert.Contains(
            "GRANT \"app\" TO \"arbiter\"",
            AssertOne("owner", SomeTable.Plain with { Stranger = new Stranger("app", false, "arbiter") }).Hint,
            StringComparison.Ordinal
        );

    [Fact]
    public void Findings_OwnerIsSuperuser_ProposesAnotherOwner() =>
        Assert.Contains(
            "OWNER TO \"arbiter\"",
            AssertOne("owner", SomeTable.Plain with { Stranger = new Stranger("postgres", true, "arbiter") }).Hint,
            StringComparison.Ordinal
        );

    [Fact]
    public void Findings_WholeRowWithoutKey_IsRefused() =>
        Assert.Contains("whole row", AssertOne("replica_identity", NoKey with { Identity = 'f' }).Found, StringComparison.Ordinal);

    [Fact]
    public void Findings_SeveralFaults_AllNamed() =>
        Assert.Equal(
            ["persistence", "replica_identity"],
            TableRules.Findings(NoKey with { Persistence = 'u' }).Select(finding => finding.Check)
        );

    [Fact]
    public void Findings_NameThatNeedsQuotes_IsQuotedInTheStatement() =>
        Assert.Contains(
            "\"My \"\"odd\"\" table\"",
            AssertOne("persistence", SomeTable.Named("app", "My \"odd\" table") with { Persistence = 'u' }).Hint,
            StringComparison.Ordinal
        );

    private static Finding AssertOne(string check, TableFacts facts)
    {
        var finding = Assert.Single(TableRules.Findings(facts));
        Assert.Equal((check, Severity.Error), (finding.Check, finding.Severity));
        return finding;
    }
}
