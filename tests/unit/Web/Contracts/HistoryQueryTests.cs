using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.UnitTests.Web.Contracts;

public sealed class HistoryQueryTests
{
    [Theory]
    [InlineData("2026-11-23T09:00:00Z", 9)]
    [InlineData("2026-11-23T09:00:00", 9)]
    [InlineData("2026-11-23T09:00:00+02:00", 7)]
    [InlineData("2026-11-23T09:00:00 02:00", 7)]
    public void ToFilter_Since_IsATime(string since, int hour) =>
        Assert.Equal(
            hour,
            new HistoryQuery { Since = since }
                .ToFilter()
                .Since!.Value.UtcDateTime.Hour
        );

    [Fact]
    public void ToFilter_Nothing_IsAPageOfAll() => Assert.Equal(new HistoryFilter(), new HistoryQuery().ToFilter());

    [Fact]
    public void ToFilter_TypeAndKey_AreRead()
    {
        var filter = new HistoryQuery { Type = "multiple_unique_conflicts", Key = """{"id":1}""" }.ToFilter();
        Assert.Equal(ConflictType.MultipleUniqueConflicts, filter.Type);
        Assert.Equal("""{"id":1}""", filter.Key!.Value.GetRawText());
    }

    [Fact]
    public void ToFilter_Wrong_NamesTheParameter()
    {
        (HistoryQuery Query, string Name)[] wrong =
        [
            (new() { Since = "yesterday" }, "since"),
            (new() { Until = "" }, "until"),
            (new() { Type = "insert-exists" }, "type"),
            (new() { Key = "1" }, "key"),
            (new() { Key = "{" }, "key"),
            (new() { Key = """{"a":"\u0000"}""" }, "key"),
        ];
        foreach (var (query, name) in wrong)
            Assert.Contains(name, Assert.Throws<RefusedException>(() => query.ToFilter()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("all", null)]
    [InlineData("pending", ConflictState.Pending)]
    [InlineData("resolved", ConflictState.Resolved)]
    public void ReadState_Word_IsState(string? word, ConflictState? expected) => Assert.Equal(expected, HistoryQuery.ReadState(word));

    [Fact]
    public void ReadState_Unknown_IsRefused() => Assert.Throws<RefusedException>(() => HistoryQuery.ReadState("open"));
}
