using System.Net.ServerSentEvents;
using System.Text.Json;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Json;

namespace Traktor.Web.Peers;

/// <summary>Puts the events of another arbiter's live stream back into batches.</summary>
internal sealed class EventBatches
{
    private readonly List<HistoryEntry> _entries = [];
    private FeedPosition? _position;
    private long _missed;

    /// <summary>
    /// Takes the next event; returns a batch when the event completes one. The first batch is empty and has the
    /// position where the stream begins; further empty ones are heartbeats.
    /// </summary>
    /// <exception cref="JsonException">It is not an event of this stream.</exception>
    public FeedBatch? Take(SseItem<string> item)
    {
        if (item.EventId is { } id)
            _position = FeedPosition.Parse(id) ?? throw new JsonException();
        if (item.EventType == "missed")
            _missed += JsonSerializer.Deserialize(item.Data, ApiJsonOptions.Wire.MissedEvent)?.Missed ?? 0;
        else if (item.Data.Length > 0)
            _entries.Add(JsonSerializer.Deserialize(item.Data, ApiJsonOptions.Wire.HistoryEntry) ?? throw new JsonException());
        // Conflicts up to the one with the id are one batch; every other event is one of its own.
        var isComplete = item.EventId is not null || item.EventType == "missed" || _entries.Count == 0;
        if (!isComplete || _position is not { } position)
            return null;
        var batch = new FeedBatch([.. _entries], position, _missed);
        _entries.Clear();
        _missed = 0;
        return batch;
    }
}
