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
    /// Takes the next event; returns a batch when one is complete with it. The first is empty, and says where the stream
    /// begins; further empty ones are signs of life.
    /// </summary>
    /// <exception cref="JsonException">It is no event of this stream.</exception>
    public FeedBatch? Take(SseItem<string> item)
    {
        if (item.EventId is { } id)
            _position = FeedPosition.Parse(id) ?? throw new JsonException();
        if (item.EventType == "missed")
            _missed += JsonSerializer.Deserialize(item.Data, ApiJsonOptions.Wire.MissedEvent)?.Missed ?? 0;
        else if (item.Data.Length > 0)
            _entries.Add(JsonSerializer.Deserialize(item.Data, ApiJsonOptions.Wire.HistoryEntry) ?? throw new JsonException());
        // Conflicts belong together up to the one that carries the id; what else comes stands for itself.
        var isComplete = item.EventId is not null || item.EventType == "missed" || _entries.Count == 0;
        if (!isComplete || _position is not { } position)
            return null;
        var batch = new FeedBatch([.. _entries], position, _missed);
        _entries.Clear();
        _missed = 0;
        return batch;
    }
}
