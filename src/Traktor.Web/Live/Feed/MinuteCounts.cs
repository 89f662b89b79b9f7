using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>How many conflicts a node detected in each of the last minutes, by table and type.</summary>
internal sealed class MinuteCounts
{
    /// <summary>Minutes that are kept, and shown.</summary>
    public const int Length = 60;

    private readonly Dictionary<(long Minute, string Relation, ConflictType Type), long> _counts = [];
    private long _countedId;
    private long _newest;

    /// <summary>Replaces the counts by those of the node.</summary>
    public void Load(ConflictRate rate)
    {
        _counts.Clear();
        (_countedId, _newest) = (rate.LastId, 0);
        foreach (var minute in rate.Minutes)
            Add(minute.Minute, minute.Relation, minute.ConflictType, minute.Conflicts);
    }

    /// <summary>Counts a conflict that was not counted yet.</summary>
    public void Add(FeedEntry entry)
    {
        if (entry.Id > _countedId)
            Add(entry.Occurred, entry.Relation, entry.ConflictType, 1);
    }

    /// <summary>
    /// Adds to <paramref name="bars"/>, whose last is the minute of <paramref name="now"/>, what counts here.
    /// </summary>
    public void AddTo(long[] bars, DateTimeOffset now, Func<string, ConflictType, bool> counts)
    {
        var first = Minute(now) - bars.Length + 1;
        foreach (var ((minute, relation, type), count) in _counts)
            if (minute >= first && minute < first + bars.Length && counts(relation, type))
                bars[minute - first] += count;
    }

    private static long Minute(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    private void Add(DateTimeOffset time, string relation, ConflictType type, long count)
    {
        var minute = Minute(time);
        if (minute > _newest)
        {
            _newest = minute;
            foreach (var old in _counts.Keys.Where(key => key.Minute <= minute - Length).ToList())
                _counts.Remove(old);
        }

        _counts[(minute, relation, type)] = _counts.GetValueOrDefault((minute, relation, type)) + count;
    }
}
