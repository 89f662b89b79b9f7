using System.Text.Json;
using Traktor.Engine.Conflicts.Feed;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Api;
using Traktor.Web.Peers;

namespace Traktor.UnitTests.Web.Peers;

public sealed class EventLinesTests
{
    [Fact]
    public void Take_WhatTheStreamWrites_IsTheSameBatches()
    {
        var batches = Read(
            ": listening\nretry: 2000\nid: 5-2\n\n"
                + ConflictStream.Text(new FeedBatch([Entries.Entry(6), Entries.Entry(7)], new FeedPosition(7, 2), 0))
                + ": alive\n\n"
                + ConflictStream.Text(new FeedBatch([Entries.Entry(9)], new FeedPosition(9, 3), 4))
        );

        Assert.Equal(
            ["5-2 0 ", "7-2 0 6 7", "7-2 0 ", "7-2 4 ", "9-3 0 9"],
            batches.Select(batch => $"{batch.Position} {batch.Missed} {string.Join(' ', batch.Conflicts.Select(entry => entry.Id))}")
        );
    }

    [Fact]
    public void Take_WhatIsNoConflict_Throws() => Assert.Throws<JsonException>(() => Read("id: 1-1\nevent: recorded\ndata: []\n\n"));

    private static List<FeedBatch> Read(string text)
    {
        var lines = new EventLines();
        return [.. text.Split('\n').Select(lines.Take).OfType<FeedBatch>()];
    }
}
