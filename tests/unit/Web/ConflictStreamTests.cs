using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Feed;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Api;

namespace Traktor.UnitTests.Web;

public sealed class ConflictStreamTests
{
    [Fact]
    public void Text_Batch_IsOneEventAConflictWithTheIdAtTheEnd()
    {
        var decided = Entries.Entry(2) with { Decision = Resolution.KeepLocal };
        var resolved = Entries.Entry(3) with { Resolved = Entries.Noon };
        var text = ConflictStream.Text(new FeedBatch([Entries.Entry(1), decided, resolved], new FeedPosition(3, 7), 4));

        Assert.Equal(
            [
                "event: missed",
                """data: {"missed":4}""",
                "",
                "event: recorded",
                "data: {\"id\":1",
                "",
                "event: decided",
                "data: {\"id\":2",
                "",
                "id: 3-7",
                "event: resolved",
                "data: {\"id\":3",
                "",
                "",
            ],
            text.Split('\n').Select(line => line.StartsWith("data: {\"id\"", StringComparison.Ordinal) ? line[..13] : line)
        );
        Assert.Contains("\"conflict_type\":\"insert_exists\",\"state\":\"pending\"", text, StringComparison.Ordinal);
        Assert.Contains("\"decision\":\"keep_local\"", text, StringComparison.Ordinal);
    }
}
