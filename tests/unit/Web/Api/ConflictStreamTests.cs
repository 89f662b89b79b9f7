using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Feed;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Api.Conflicts;

namespace Traktor.UnitTests.Web.Api;

public sealed class ConflictStreamTests
{
    [Fact]
    public void Events_Batch_IsOneEventAConflictWithTheIdAtTheEnd()
    {
        var decided = Entries.Entry(2) with { Decision = Resolution.KeepLocal };
        var resolved = Entries.Entry(3) with { Resolved = Entries.Noon };
        var events = ConflictStream.Events(new FeedBatch([Entries.Entry(1), decided, resolved], new FeedPosition(3, 7), 4)).ToList();

        Assert.Equal(
            ["missed  {\"missed\":4", "recorded  {\"id\":1", "decided  {\"id\":2", "resolved 3-7 {\"id\":3"],
            events.Select(item => $"{item.EventType} {item.EventId} {item.Data.Split(',')[0].TrimEnd('}')}")
        );
        Assert.Contains("\"conflict_type\":\"insert_exists\",\"state\":\"pending\"", events[1].Data, StringComparison.Ordinal);
        Assert.Contains("\"decision\":\"keep_local\"", events[2].Data, StringComparison.Ordinal);
    }
}
