using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Tables;
using static Traktor.UnitTests.Engine.Conflicts.Entries;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class DecisionRulesTests
{
    private static readonly TableFacts Table = new(
        "shop",
        "orders",
        'r',
        'p',
        'd',
        null,
        ["id"],
        null,
        null,
        true,
        false,
        null,
        [
            new("id", "integer", "integer", true, false),
            new("payload", "text", "text", false, false),
            new("total", "integer", "integer", false, true),
        ]
    );

    [Theory]
    [InlineData("""{"id":1,"payload":"x"}""", null)]
    [InlineData("""{"id":"1"}""", null)]
    [InlineData("""{"id":2,"payload":"x"}""", "key must stay")]
    [InlineData("""{"payload":"x"}""", "key must stay")]
    [InlineData("""{"id":1,"other":2}""", "no column other")]
    [InlineData("""{"id":1,"total":2}""", "generated")]
    [InlineData("""{"id":1,"payload":1,"payload":2}""", "given twice")]
    [InlineData("[]", "needs a row")]
    [InlineData(null, "needs a row")]
    public void WhyNot_MergedRow_HasKnownColumnsAndTheSameKey(string? row, string? expected)
    {
        var refusal = DecisionRules.WhyNot(Entry(1), new HandDecision(Resolution.Merge, Json(row), "test"), Table);
        if (expected is null)
            Assert.Null(refusal);
        else
            Assert.Contains(expected, refusal!.Message, StringComparison.Ordinal);
        Assert.True(refusal is null or { Kind: RefusalKind.Malformed });
    }

    [Fact]
    public void WhyNot_DecidedOrResolved_IsTooLate()
    {
        var decided = Entry(1) with { Decision = Resolution.KeepLocal, DecidedAt = Noon, DecidedBy = "somebody" };
        var resolved = Entry(1) with { Resolved = Noon, Resolution = "apply_remote", ResolvedBy = "last_update_wins" };

        Assert.Contains(
            "already decided: keep_local, somebody",
            Refusal(decided, Resolution.ApplyRemote)!.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "already resolved by last_update_wins",
            Refusal(resolved, Resolution.ApplyRemote)!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void WhyNot_ApplyError_CannotBeDecided() =>
        Assert.Contains(
            "/subscription/1/resume",
            Refusal(Entry(1, ConflictType.ApplyError), Resolution.KeepLocal)!.Hint,
            StringComparison.Ordinal
        );

    [Fact]
    public void WhyNot_TableIsGone_CannotBeDecided() =>
        Assert.Equal(
            RefusalKind.Conflict,
            DecisionRules.WhyNot(Entry(1), new HandDecision(Resolution.KeepLocal, null, "test"), null)!.Kind
        );

    [Fact]
    public void WhyNot_MergeOfTwoKeysOrADelete_CannotBeDone()
    {
        HistoryEntry[] impossible =
        [
            Entry(1, ConflictType.MultipleUniqueConflicts),
            Entry(1, ConflictType.UpdateExists, "update", local: """{"id":3,"payload":"x"}"""),
            Entry(1, ConflictType.InsertExists, local: """[{"id":1},{"id":2}]"""),
            Entry(1, ConflictType.DeleteOriginDiffers, "delete", remote: null),
        ];
        foreach (var entry in impossible)
        {
            Assert.Equal(RefusalKind.Conflict, Refusal(entry, Resolution.Merge, """{"id":1}""")!.Kind);
            Assert.Null(Refusal(entry, Resolution.KeepLocal));
        }
    }

    [Fact]
    public void WhyNot_RowWithoutMerge_IsMalformed() =>
        Assert.Equal(RefusalKind.Malformed, Refusal(Entry(1), Resolution.Newest, """{"id":1}""")!.Kind);

    private static RefusedException? Refusal(HistoryEntry entry, Resolution resolution, string? row = null) =>
        DecisionRules.WhyNot(
            entry,
            new HandDecision(resolution, row is null ? null : JsonSerializer.Deserialize<JsonElement>(row), "test"),
            Table
        );
}
