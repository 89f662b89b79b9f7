using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Cases;

/// <summary>
/// What one open page shows of the feed: the newest conflicts that its filter lets through, as cases. While it is
/// paused nothing of it moves, and what comes is counted.
/// </summary>
public sealed class FeedList(FeedFilter filter)
{
    /// <summary>Cases shown at first, and by how many more when asked.</summary>
    public const int Step = 100;

    /// <summary>Conflicts kept at most.</summary>
    public const int Most = 4000;

    private readonly Dictionary<(int Node, long Id), FeedEntry> _entries = [];
    private readonly HashSet<(int Node, long Id)> _meanwhile = [];
    private readonly Dictionary<int, FeedMessage> _silent = [];
    private readonly HashSet<int> _told = [];

    // Of a node that has older ones, everything since this time is held; what is older is not shown, or the list would have holes.
    private readonly Dictionary<int, DateTimeOffset> _oldestShown = [];
    private IReadOnlyList<RowCase>? _cases;

    public FeedFilter Filter { get; } = filter;

    /// <summary>How many cases are shown at most.</summary>
    public int Limit { get; private set; } = Step;

    public bool IsPaused { get; private set; }

    /// <summary>Conflicts that came, or changed, since it was paused.</summary>
    public int Meanwhile => _meanwhile.Count;

    /// <summary>Nodes whose arbiters do not answer, with why and since when.</summary>
    public IReadOnlyDictionary<int, FeedMessage> Silent => _silent;

    /// <summary>Nodes of which something is known.</summary>
    public IReadOnlySet<int> Told => _told;

    /// <summary>Whether there is more than is shown.</summary>
    public bool HasOlder => _oldestShown.Count > 0 || _cases?.Count > Limit;

    /// <summary>
    /// Takes in what a reader took. Returns the nodes of which conflicts may be missing here now: to be read from their
    /// lists.
    /// </summary>
    public IReadOnlyList<int> Apply(IReadOnlyList<FeedMessage> messages, DateTimeOffset now)
    {
        foreach (var message in messages)
        {
            _silent.Remove(message.Node);
            if (message.Problem is not null)
                _silent[message.Node] = message;
            var before = message.Kind == FeedKind.Removed || message is { Kind: FeedKind.Snapshot, Gap: true } ? Forget(message.Node) : [];
            if (message.Position is not null)
                _told.Add(message.Node);
            foreach (var entry in message.Conflicts)
                Put(entry, now, isNews: message.Kind != FeedKind.Snapshot || message.Gap, before.GetValueOrDefault(entry.Id));
        }

        Trim();
        if (!IsPaused)
            _cases = null;
        return [.. messages.Where(message => message.Gap).Select(message => message.Node)];
    }

    /// <summary>Takes in a page of a node's list, its newest or what follows <see cref="Oldest"/>.</summary>
    public void Add(ConflictPage page, DateTimeOffset now)
    {
        foreach (var entry in page.Conflicts)
            Put(FeedEntry.Of(page.Node, entry), now, isNews: false);
        if (page.Next is null)
            _oldestShown.Remove(page.Node);
        else
            _oldestShown[page.Node] = page.Conflicts[^1].Occurred;
        _cases = null;
    }

    /// <summary>The number of a node's conflict from which its list is to be read on; null when all of it is here.</summary>
    public long? Oldest(int node) =>
        _oldestShown.TryGetValue(node, out var oldestShown)
            ? _entries.Values.Where(entry => entry.Node == node && entry.Occurred >= oldestShown).Select(entry => (long?)entry.Id).Min()
                ?? long.MaxValue
            : null;

    /// <summary>The cases to show, the newest first, <see cref="Limit"/> of them at most.</summary>
    public IReadOnlyList<RowCase> Show(DateTimeOffset now)
    {
        if (_cases is null || (!IsPaused && Filter.Last is not null))
        {
            var oldestShown = _oldestShown.Count == 0 ? DateTimeOffset.MinValue : _oldestShown.Values.Max();
            _cases = RowCase.Of(_entries.Values.Where(entry => entry.Occurred >= oldestShown && Filter.Has(entry, now)));
        }

        return [.. _cases.Take(Limit)];
    }

    /// <summary>Shows more from now on.</summary>
    public void More() => Limit = Math.Min(Limit + Step, Most);

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        _meanwhile.Clear();
        _cases = null;
    }

    /// <summary>Lets go of a node. Returns what was here of it.</summary>
    private Dictionary<long, FeedEntry> Forget(int node)
    {
        var known = _entries.Values.Where(entry => entry.Node == node).ToDictionary(entry => entry.Id);
        foreach (var id in known.Keys)
            _entries.Remove((node, id));
        _told.Remove(node);
        _oldestShown.Remove(node);
        return known;
    }

    private void Put(FeedEntry entry, DateTimeOffset now, bool isNews, FeedEntry? before = null)
    {
        var name = (entry.Node, entry.Id);
        var known = _entries.GetValueOrDefault(name) ?? before;
        if (known is not null && (entry.Revision ?? 0) < (known.Revision ?? 0))
            return;
        if (!Filter.Has(entry, now))
        {
            // It was among these, and is not any more.
            _entries.Remove(name);
            return;
        }

        _entries[name] = entry;
        // What is told once more is no news.
        if (IsPaused && isNews && (known is null || (entry.Revision ?? 0) > (known.Revision ?? 0)))
            _meanwhile.Add(name);
    }

    private void Trim()
    {
        if (_entries.Count <= Most)
            return;
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Occurred).Take(_entries.Count - (Most * 3 / 4)).ToList())
        {
            _entries.Remove((entry.Node, entry.Id));
            // Everything of this very moment may be incomplete.
            var since = entry.Occurred + TimeSpan.FromTicks(1);
            if (!_oldestShown.TryGetValue(entry.Node, out var oldestShown) || oldestShown < since)
                _oldestShown[entry.Node] = since;
        }
    }
}
