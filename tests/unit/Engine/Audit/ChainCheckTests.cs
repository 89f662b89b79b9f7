using Traktor.Engine.Audit;

namespace Traktor.UnitTests.Engine.Audit;

public sealed class ChainCheckTests
{
    [Fact]
    public void Chain_AsItWasWritten_HasNoProblem()
    {
        var report = Check(SomeChain.Of(5));

        Assert.Empty(report.Problems);
        Assert.Equal((5, 1, 5), (report.Entries, report.First, report.Last));
    }

    [Fact]
    public void Entry_Changed_IsNamed()
    {
        var chain = SomeChain.Of(5);
        chain[2] = chain[2] with { Target = "node 7" };

        Assert.Equal("Entry 3 was changed: its hash is not that of its fields.", Assert.Single(Check(chain).Problems));
    }

    [Fact]
    public void Entry_ChangedWithItsHash_DoesNotFitTheNext()
    {
        var chain = SomeChain.Of(5);
        chain[2] = chain[2] with { Target = "node 7" };
        chain[2] = chain[2] with { Hash = AuditChain.HashOf(chain[2]) };

        Assert.Equal("Entry 4 does not follow entry 3: one of the two was replaced.", Assert.Single(Check(chain).Problems));
    }

    [Theory]
    [InlineData(2, 1, "Entry 3 is missing.")]
    [InlineData(1, 3, "The entries 2 to 4 are missing.")]
    [InlineData(0, 2, "The entries 1 to 2 are missing.")]
    public void Entries_Removed_AreNamed(int from, int count, string problem)
    {
        var chain = SomeChain.Of(6);
        chain.RemoveRange(from, count);

        Assert.Equal(problem, Assert.Single(Check(chain).Problems));
    }

    [Fact]
    public void Entries_DeletedByTheNode_AreNotMissing()
    {
        var chain = Purged(until: 3);

        Assert.Empty(Check(chain[3..]).Problems);
        Assert.Equal("Entry 4 is missing.", Assert.Single(Check(chain[4..]).Problems));
    }

    [Fact]
    public void Entry_ThatOnlySaysSo_ExcusesNothing()
    {
        var chain = Purged(until: 2);
        chain[^1] = chain[^1] with { Target = AuditWords.UpTo(3) };

        Assert.Contains("The entries 1 to 3 are missing.", Check(chain[3..]).Problems);
    }

    [Fact]
    public void Copies_ThatBeginLater_HaveNoProblem() => Assert.Empty(Check(SomeChain.Of(5)[2..], isOwn: false).Problems);

    [Fact]
    public void Number_WrittenTwice_IsNamed()
    {
        var chain = SomeChain.Of(3);
        var other = chain[2] with { Target = "node 7" };
        chain.Add(other with { Hash = AuditChain.HashOf(other) });

        Assert.StartsWith("There are two entries 3:", Assert.Single(Check(chain).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfALongChain_AreNotAllTold()
    {
        var chain = SomeChain.Of(100);
        for (var i = 0; i < chain.Count; i++)
            chain[i] = chain[i] with { Target = "node 7" };

        Assert.Equal(AuditChainReport.MostProblems, Check(chain).Problems.Count);
    }

    [Fact]
    public void End_CutOff_IsFoundByTheCopies()
    {
        var chain = SomeChain.Of(5);

        Assert.Empty(Check(chain[..3]).Problems);
        Assert.StartsWith(
            "Node 1 has entries up to 5 of this log, and here it ends with 3:",
            Assert.Single(Check(chain[..3], ends: End(chain[4])).Problems),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Node 1 has entries up to 5 of this log, and here it ends with 0:",
            Assert.Single(Check([], ends: End(chain[4])).Problems),
            StringComparison.Ordinal
        );
        Assert.Empty(Check(chain, isOwn: true, End(chain[4]), End(chain[2])).Problems);
    }

    [Fact]
    public void Chain_WrittenAnew_IsFoundByTheCopies()
    {
        var chain = SomeChain.Of(5);
        var anew = SomeChain.Of(5, entry => entry with { Target = "node 7" });

        Assert.Empty(Check(anew).Problems);
        Assert.StartsWith(
            "Entry 4 is another one on node 1:",
            Assert.Single(Check(anew, ends: End(chain[3])).Problems),
            StringComparison.Ordinal
        );
        Assert.Single(Check(anew, isOwn: false, End(chain[3])).Problems);
    }

    [Fact]
    public void Copies_ThatLagBehind_OrWereDeletedForTheirAge_HaveNoProblem()
    {
        var chain = Purged(until: 3);

        Assert.Empty(Check(chain[..2], isOwn: false, End(chain[4])).Problems);
        Assert.Empty(Check(chain[3..], isOwn: true, End(chain[1])).Problems);
    }

    private static List<AuditEntry> Purged(long until) =>
        SomeChain.Of(6, entry => entry.Number == 6 ? entry with { Action = AuditWords.Purge, Target = AuditWords.UpTo(until) } : entry);

    private static ChainEnd End(AuditEntry entry) => new(1, SomeChain.Incarnation, entry.Number, entry.Hash);

    private static AuditChainReport Check(IEnumerable<AuditEntry> entries, bool isOwn = true, params ChainEnd[] ends)
    {
        var check = new ChainCheck(0, SomeChain.Incarnation, isOwn, ends);
        foreach (var entry in entries)
            check.Add(entry);
        return check.Report();
    }
}
