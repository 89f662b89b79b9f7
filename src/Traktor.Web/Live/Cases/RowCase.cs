using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;

namespace Traktor.Web.Live.Cases;

/// <summary>
/// A conflict between two versions of a row, with the record of each node that detected it: one case to the operator,
/// one conflict on each of these nodes.
/// </summary>
/// <param name="Entries">The conflicts, at most one of each node, in the order of detection.</param>
public sealed record RowCase(IReadOnlyList<FeedEntry> Entries)
{
    /// <summary>The conflict that represents the case: a pending one before a resolved one.</summary>
    public FeedEntry Main => Entries.FirstOrDefault(entry => entry.State == ConflictState.Pending) ?? Entries[0];

    /// <summary>
    /// Whether one of its conflicts needs a decision by hand; an apply_error does not, it waits until the table is
    /// corrected.
    /// </summary>
    public bool IsOpen =>
        Entries.Any(entry => entry is { State: ConflictState.Pending, Decision: null, ConflictType: not ConflictType.ApplyError });

    /// <summary>Whether one of its conflicts is pending.</summary>
    public bool IsWaiting => Entries.Any(entry => entry.State == ConflictState.Pending);

    /// <summary>Identifies it on a page.</summary>
    public (int Node, long Id) Name => (Entries[0].Node, Entries[0].Id);

    /// <summary>
    /// Whether one of its conflicts is among these: conflicts of other nodes may have joined the case since.
    /// </summary>
    public bool IsIn(IReadOnlySet<(int Node, long Id)> names) => Entries.Any(entry => names.Contains((entry.Node, entry.Id)));

    /// <summary>Conflicts as cases, the newest first.</summary>
    public static IReadOnlyList<RowCase> Of(IEnumerable<FeedEntry> entries)
    {
        List<List<FeedEntry>> cases = [];
        Dictionary<(string, string), List<List<FeedEntry>>> ofRow = [];
        foreach (var entry in entries.OrderBy(entry => entry.Occurred).ThenBy(entry => entry.Node).ThenBy(entry => entry.Id))
        {
            // Without a key the row is not known.
            if (entry.Key is not { } key)
            {
                cases.Add([entry]);
                continue;
            }

            var row = (entry.Relation, JsonSerializer.Serialize(key));
            if (!ofRow.TryGetValue(row, out var same))
                ofRow[row] = same = [];
            if (
                same.LastOrDefault(known =>
                    known.TrueForAll(other => other.Node != entry.Node) && known.Exists(other => Mirrors(entry, other))
                ) is
                { } found
            )
            {
                found.Add(entry);
                continue;
            }

            List<FeedEntry> fresh = [entry];
            same.Add(fresh);
            cases.Add(fresh);
        }

        cases.Reverse();
        return [.. cases.Select(conflicts => new RowCase(conflicts))];
    }

    /// <summary>
    /// Whether two conflicts of one row, on two nodes, are about the same two versions, or the same one where the other
    /// was deleted. Conflicts that are pending on both nodes are decided together.
    /// </summary>
    private static bool Mirrors(FeedEntry one, FeedEntry other)
    {
        if (one.State == ConflictState.Pending && other.State == ConflictState.Pending)
            return true;
        var (here, there) = (Versions(one), Versions(other));
        return here.Count > 0 && there.Count > 0 && (here.IsSubsetOf(there) || there.IsSubsetOf(here));
    }

    private static HashSet<(DateTimeOffset, int)> Versions(FeedEntry entry)
    {
        HashSet<(DateTimeOffset, int)> versions = [];
        if (entry is { LocalStamp: { } local, LocalOrigin: { } origin })
            versions.Add((local, origin));
        if (entry.RemoteStamp is { } remote)
            versions.Add((remote, entry.RemoteOrigin ?? entry.Peer));
        return versions;
    }
}
