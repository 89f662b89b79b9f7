using System.Text.Json;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Api;

namespace Traktor.Web.Peers;

/// <summary>Reads another arbiter's live stream (<see cref="ConflictStream"/>) back into batches, line by line.</summary>
internal sealed class EventLines
{
    private readonly List<HistoryEntry> _entries = [];
    private FeedPosition? _position;
    private string _kind = "";
    private string? _data;
    private bool _isLast;
    private long _missed;

    /// <summary>
    /// Takes the next line; returns a batch when one is complete with it. The first is empty, and says where the stream
    /// begins; further empty ones are signs of life.
    /// </summary>
    /// <exception cref="JsonException">It is no event of this stream.</exception>
    public FeedBatch? Take(string line)
    {
        var (field, value) = line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon
            ? (line[..colon], line[(colon + 2)..])
            : ("", "");
        switch (field)
        {
            case "id":
                (_position, _isLast) = (FeedPosition.Parse(value) ?? throw new JsonException(), true);
                break;
            case "event":
                _kind = value;
                break;
            case "data":
                _data = value;
                break;
        }

        // A comment: it lives.
        if (line.StartsWith(':') && _position is { } position && _entries.Count == 0)
            return new FeedBatch([], position, 0);
        return line.Length == 0 ? End() : null;
    }

    private FeedBatch? End()
    {
        if (_data is { } data && _kind == "missed")
            _missed += JsonSerializer.Deserialize(data, ApiJsonOptions.Wire.MissedEvent)?.Missed ?? 0;
        else if (_data is { } conflict)
            _entries.Add(JsonSerializer.Deserialize(conflict, ApiJsonOptions.Wire.HistoryEntry) ?? throw new JsonException());
        var isDue = _isLast || (_kind == "missed" && _position is not null);
        (_kind, _data, _isLast) = ("", null, false);
        if (!isDue)
            return null;
        var batch = new FeedBatch([.. _entries], _position!.Value, _missed);
        _entries.Clear();
        _missed = 0;
        return batch;
    }
}
