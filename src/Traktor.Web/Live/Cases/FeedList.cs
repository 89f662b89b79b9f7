using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Cases;

/// <summary>
/// What one open page shows of the feed: the newest conflicts that its filter lets through, as cases. While it is
/// paused it does not change, and counts what arrives.
/// </summary>
public sealed class FeedList(FeedFilter filter)
{
    /// <summary>Cases shown at first, and how many more "Show older" adds.</summary>
    public const int Step = 100;

    /// <summary>Conflicts kept at most.</summary>
    public const int Most = 4000;

    private readonly Dictionary<(int Node, long Id), FeedEntry> _entries = [];
    private readonly HashSet<(int Node, long Id)> _meanwhile = [];
    private readonly Dictionary<int, FeedMessage> _unreachable = [];
    private readonly HashSet<int> _known = [];

    // Of a node with older conflicts, all since this time are here; older ones are not shown, or the list would have
    // gaps.
    private readonly Dictionary<int, DateTimeOffset> _oldestShown = [];
    private IReadOnlyList<RowCase>? _cases;

    public FeedFilter Filter { get; } = filter;

    /// <summary>How many cases are shown at most.</summary>
    public int Limit { get; private set; } = Step;

    public bool IsPaused { get; private set; }

    /// <summary>Conflicts that arrived or changed since it was paused.</summary>
    public int Meanwhile => _meanwhile.Count;

    /// <summary>Nodes whose arbiters do not answer, with the reason and the last contact.</summary>
    public IReadOnlyDictionary<int, FeedMessage> Unreachable => _unreachable;

    /// <summary>Nodes whose conflicts are loaded.</summary>
    public IReadOnlySet<int> Known => _known;

    /// <summary>Whether there is more than is shown.</summary>
    public bool HasOlder => _oldestShown.Count > 0 || _cases?.Count > Limit;

    /// <summary>
    /// Applies the messages of a reader. Returns the nodes whose conflicts may be incomplete here now: their lists must
    /// be read.
    /// </summary>
    public IReadOnlyList<int> Apply(IReadOnlyList<FeedMessage> messages, DateTimeOffset now)
    {
        foreach (var message in messages)
        {
            _unreachable.Remove(message.Node);
            if (message.Problem is not null)
                _unreachable[message.Node] = message;
            var before = message.Kind == FeedKind.Removed || message is { Kind: FeedKind.Snapshot, Gap: true } ? Forget(message.Node) : [];
            if (message.Position is not null)
                _known.Add(message.Node);
            foreach (var entry in message.Conflicts)
                Put(entry, now, isNews: message.Kind != FeedKind.Snapshot || message.Gap, before.GetValueOrDefault(entry.Id));
        }

        Trim();
        if (!IsPaused)
            _cases = null;
        return [.. messages.Where(message => message.Gap).Select(message => message.Node)];
    }

    /// <summary>Adds a page of a node's list, the newest or the one after <see cref="Oldest"/>.</summary>
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

    /// <summary>The conflict number before which a node's list is read next; null when all of it is here.</summary>
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

    /// <summary>Shows more cases from now on.</summary>
    public void More() => Limit = Math.Min(Limit + Step, Most);

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        _meanwhile.Clear();
        _cases = null;
    }

    /// <summary>Removes a node. Returns what was here of it.</summary>
    private Dictionary<long, FeedEntry> Forget(int node)
    {
        var known = _entries.Values.Where(entry => entry.Node == node).ToDictionary(entry => entry.Id);
        foreach (var id in known.Keys)
            _entries.Remove((node, id));
        _known.Remove(node);
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
            // It matched the filter and does no longer.
            _entries.Remove(name);
            return;
        }

        _entries[name] = entry;
        // A repeated entry is not counted.
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
            // The entries of this very time may be incomplete.
            var since = entry.Occurred + TimeSpan.FromTicks(1);
            if (!_oldestShown.TryGetValue(entry.Node, out var oldestShown) || oldestShown < since)
                _oldestShown[entry.Node] = since;
        }
    }
}
