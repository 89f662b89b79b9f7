using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.UnitTests.Web.Live.Cases;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class ExpectedVersionTests
{
    private static readonly ExpectedVersion Seen = new(SomeCase.Early.Committed, SomeCase.Early.Node);
    private static readonly ExpectedVersion Absent = new(null, null);

    [Fact]
    public void WhyNot_SameVersion_IsNothing()
    {
        Assert.Null(Seen.WhyNot(SomeCase.Found(0, SomeCase.Row("x"), SomeCase.Early)));
        Assert.Null(Absent.WhyNot(SomeCase.Found(0, null)));
        // Tenths of a microsecond are no other version.
        Assert.Null(
            new ExpectedVersion(SomeCase.Early.Committed.AddTicks(3), 0).WhyNot(SomeCase.Found(0, SomeCase.Row("x"), SomeCase.Early))
        );
    }

    [Fact]
    public void WhyNot_AnotherVersion_SaysWhichItIs()
    {
        Assert.Contains("was changed", Seen.WhyNot(SomeCase.Found(0, SomeCase.Row("x"), SomeCase.Late))!.Message, StringComparison.Ordinal);
        Assert.Contains(
            "was changed",
            Seen.WhyNot(SomeCase.Found(0, SomeCase.Row("x"), new Stamp(SomeCase.Early.Committed, 1)))!.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("was deleted", Seen.WhyNot(SomeCase.Found(0, null))!.Message, StringComparison.Ordinal);
        Assert.Contains(
            "was written",
            Absent.WhyNot(SomeCase.Found(0, SomeCase.Row("x"), SomeCase.Late))!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Losers_ResolvedConflict_NamesWhatLost()
    {
        var resolved = SomeCase.Entry() with { Resolved = Entries.Noon };

        Assert.Empty(RestorationRules.Losers(SomeCase.Entry()));
        Assert.Equal([RowSide.Remote], RestorationRules.Losers(resolved with { Resolution = "keep_local" }));
        Assert.Equal([RowSide.Local], RestorationRules.Losers(resolved with { Resolution = "apply_remote" }));
        Assert.Equal([RowSide.Local, RowSide.Remote], RestorationRules.Losers(resolved with { Resolution = "merge" }));
        Assert.Empty(RestorationRules.Losers(resolved with { Resolution = "apply_remote", LocalRow = null }));
        Assert.Empty(
            RestorationRules.Losers(resolved with { Resolution = "apply_remote", LocalRow = Entries.Json("[{\"id\":1},{\"id\":2}]") })
        );
    }
}
