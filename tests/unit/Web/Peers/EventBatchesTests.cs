using System.Net.ServerSentEvents;
using System.Text.Json;
using Traktor.Engine.Conflicts.Feed;
using Traktor.UnitTests.Engine.Conflicts;
using Traktor.Web.Api.Conflicts;
using Traktor.Web.Peers;

namespace Traktor.UnitTests.Web.Peers;

public sealed class EventBatchesTests
{
    [Fact]
    public async Task Take_WhatTheStreamWrites_IsTheSameBatches()
    {
        SseItem<string>[] written =
        [
            ConflictStream.Start(new FeedPosition(5, 2)),
            .. ConflictStream.Events(new FeedBatch([Entries.Entry(6), Entries.Entry(7)], new FeedPosition(7, 2), 0)),
            new("", "alive"),
            .. ConflictStream.Events(new FeedBatch([Entries.Entry(9)], new FeedPosition(9, 3), 4)),
        ];
        using var wire = new MemoryStream();
        await SseFormatter.WriteAsync(written.ToAsyncEnumerable(), wire);
        wire.Position = 0;

        Assert.Equal(
            ["5-2 0 ", "7-2 0 6 7", "7-2 0 ", "7-2 4 ", "9-3 0 9"],
            Read(SseParser.Create(wire).Enumerate())
                .Select(batch => $"{batch.Position} {batch.Missed} {string.Join(' ', batch.Conflicts.Select(entry => entry.Id))}")
        );
    }

    [Fact]
    public void Take_WhatIsNoConflict_Throws() =>
        Assert.Throws<JsonException>(() => Read([new SseItem<string>("[]", "recorded") { EventId = "1-1" }]));

    private static List<FeedBatch> Read(IEnumerable<SseItem<string>> events)
    {
        var batches = new EventBatches();
        return [.. events.Select(batches.Take).OfType<FeedBatch>()];
    }
}
