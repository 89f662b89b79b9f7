using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Feed;

/// <summary>
/// The latest conflicts of one node in the order in which they changed, from which any number of readers take what they
/// have not seen. Nothing is queued for a reader: a slow one takes more at once, each conflict as it is by then, or a
/// snapshot when something that it has not seen was dropped. Guarded by the lock of <see cref="MeshWindows"/>.
/// </summary>
internal sealed class NodeWindow(int node)
{
    /// <summary>The most pending conflicts that are held, and the most others.</summary>
    public const int Capacity = 10_000;

    /// <summary>The most pending conflicts of a snapshot, and the most others.</summary>
    public const int SnapshotLength = 1000;

    private readonly Dictionary<long, LinkedListNode<Held>> _held = [];
    private readonly LinkedList<Held> _waiting = new();
    private readonly LinkedList<Held> _settled = new();
    private FeedPosition _position;
    private FeedPosition _floor;
    private long _lost;
    private long _greatestId;

    /// <summary>The node.</summary>
    public int Node => node;

    /// <summary>Grows with every change; 0 before anything is known.</summary>
    public long Version { get; private set; }

    /// <summary>Whether its conflicts have been read.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>When its arbiter last answered.</summary>
    public DateTimeOffset? LastContactAt { get; private set; }

    /// <summary>Why its arbiter does not answer.</summary>
    public string? Problem { get; private set; }

    /// <summary>The conflicts that it detected, by minute.</summary>
    public MinuteCounts Minutes { get; } = new();

    /// <summary>Replaces the conflicts by what was read. Every reader receives a snapshot.</summary>
    /// <param name="entries">The pending and the newest conflicts.</param>
    /// <param name="position">The position after which changes follow.</param>
    /// <param name="isAll">Whether this is all that the node has.</param>
    /// <param name="now">The present time.</param>
    public void Load(IEnumerable<FeedEntry> entries, FeedPosition position, bool isAll, DateTimeOffset now)
    {
        _held.Clear();
        _waiting.Clear();
        _settled.Clear();
        (_position, _floor, _greatestId) = (position, isAll ? default : position, 0);
        foreach (var entry in entries.OrderBy(entry => entry.Id))
            Put(entry);
        (IsLoaded, _lost) = (true, ++Version);
        Answered(now);
    }

    /// <summary>Applies changes.</summary>
    public void Change(IEnumerable<FeedEntry> entries, FeedPosition position, DateTimeOffset now)
    {
        foreach (var entry in entries)
        {
            var known = _held.GetValueOrDefault(entry.Id)?.Value.Entry;
            if (known is null && (entry.Revision is null || entry.Id > _greatestId))
                Minutes.Add(entry);
            // The same change may arrive twice, and a snapshot may be newer than the stream.
            if (known is null || (entry.Revision ?? 0) > (known.Revision ?? 0))
                Put(entry);
        }

        _position = position;
        Answered(now);
    }

    /// <summary>Its arbiter has answered.</summary>
    public void Answered(DateTimeOffset now)
    {
        LastContactAt = now;
        if (Problem is null)
            return;
        Problem = null;
        Version++;
    }

    /// <summary>Its arbiter does not answer.</summary>
    public void Fail(string problem)
    {
        if (Problem == problem)
            return;
        Problem = problem;
        Version++;
    }

    /// <summary>
    /// What a reader has not seen that has everything up to <paramref name="version"/>; null when nothing has changed.
    /// </summary>
    public FeedMessage? Since(long version)
    {
        if (version == Version)
            return null;
        if (!IsLoaded)
            return Problem is null ? null : Message(FeedKind.Unreachable, []);
        return version < _lost
            ? Snapshot(gap: true)
            : Message(Problem is null ? FeedKind.Changes : FeedKind.Unreachable, Newer(held => held.Version > version));
    }

    /// <summary>
    /// What a reader has not seen that returns with a position: changes, or a snapshot when not all of them are held.
    /// </summary>
    public FeedMessage After(FeedPosition position) =>
        position.Id < _floor.Id
        || position.Revision < _floor.Revision
        || position.Id > _position.Id
        || position.Revision > _position.Revision
            ? Snapshot(gap: true)
            : Message(
                Problem is null ? FeedKind.Changes : FeedKind.Unreachable,
                Newer(held => held.Entry.Id > position.Id || held.Entry.Revision > position.Revision, stopsEarly: false)
            );

    public FeedMessage Snapshot(bool gap) =>
        Message(FeedKind.Snapshot, [.. Last(_settled).Concat(Last(_waiting)).OrderBy(held => held.Version).Select(held => held.Entry)]) with
        {
            Gap = gap,
        };

    private FeedMessage Message(FeedKind kind, IReadOnlyList<FeedEntry> entries) =>
        new(kind, node, entries, IsLoaded ? _position.ToString() : null, false, LastContactAt, Problem);

    private static IEnumerable<Held> Last(LinkedList<Held> list) => Backwards(list).Take(SnapshotLength);

    private static IEnumerable<Held> Backwards(LinkedList<Held> list)
    {
        for (var at = list.Last; at is not null; at = at.Previous)
            yield return at.Value;
    }

    private List<FeedEntry> Newer(Func<Held, bool> isNew, bool stopsEarly = true)
    {
        IEnumerable<Held> Of(LinkedList<Held> list) => stopsEarly ? Backwards(list).TakeWhile(isNew) : list.Where(isNew);
        return [.. Of(_settled).Concat(Of(_waiting)).OrderBy(held => held.Version).Select(held => held.Entry)];
    }

    private void Put(FeedEntry entry)
    {
        if (_held.Remove(entry.Id, out var old))
            old.List!.Remove(old);
        var list = entry.State == ConflictState.Pending ? _waiting : _settled;
        _held[entry.Id] = list.AddLast(new Held(entry, ++Version));
        _greatestId = Math.Max(_greatestId, entry.Id);
        while (list.Count > Capacity)
            Drop(list.First!);
    }

    private void Drop(LinkedListNode<Held> oldest)
    {
        var (entry, version) = oldest.Value;
        oldest.List!.Remove(oldest);
        _held.Remove(entry.Id);
        _lost = Math.Max(_lost, version);
        _floor = new FeedPosition(Math.Max(_floor.Id, entry.Id), Math.Max(_floor.Revision, entry.Revision ?? 0));
    }

    private readonly record struct Held(FeedEntry Entry, long Version);
}
