using System.Globalization;

namespace Traktor.Engine.Audit;

/// <summary>Checks one chain, entry by entry in the order of their numbers.</summary>
/// <param name="node">The node whose entries they are.</param>
/// <param name="incarnation">The database that the node was then.</param>
/// <param name="isOwn">Whether the entries are read in that database. Copies may begin later: a node that joins gets
/// none of the entries before.</param>
/// <param name="ends">The last entry that other nodes had of it before it was read here.</param>
internal sealed class ChainCheck(int node, Guid incarnation, bool isOwn, IReadOnlyList<ChainEnd> ends)
{
    private readonly HashSet<ChainEnd> matched = [];
    private readonly List<string> problems = [];
    private AuditEntry? last;
    private long entries;
    private long first;

    // The greatest number that an intact entry says was deleted with all before it.
    private long purged;

    public int Node => node;

    public Guid Incarnation => incarnation;

    public void Add(AuditEntry entry)
    {
        entries++;
        var isIntact = AuditChain.HashOf(entry).AsSpan().SequenceEqual(entry.Hash);
        if (!isIntact)
            Note($"Entry {Text(entry.Number)} was changed: its hash is not that of its fields.");
        if (last is null)
            (first, last) = (entry.Number, entry);
        else if (entry.Number == last.Number)
            Note($"There are two entries {Text(entry.Number)}: the node was restored from a backup, or someone has rewritten its log.");
        else if (entry.Number != last.Number + 1)
            Note(Missing(last.Number + 1, entry.Number - 1));
        else if (!entry.PreviousHash.AsSpan().SequenceEqual(last.Hash))
            Note($"Entry {Text(entry.Number)} does not follow entry {Text(last.Number)}: one of the two was replaced.");
        foreach (var end in ends.Where(end => end.Number == entry.Number))
            if (end.Hash.AsSpan().SequenceEqual(entry.Hash))
                matched.Add(end);
        if (isIntact && entry.Action == AuditWords.Purge && AuditWords.ReadUpTo(entry.Target) is { } until)
            purged = Math.Max(purged, until);
        last = entry;
    }

    public AuditChainReport Report()
    {
        if (isOwn && first > purged + 1)
            Note(Missing(purged + 1, first - 1));
        foreach (var end in ends.Where(end => !matched.Contains(end)))
            Compare(end);
        return new AuditChainReport(
            node,
            incarnation,
            isOwn,
            entries,
            first,
            last?.Number ?? 0,
            Convert.ToHexStringLower(last?.Hash ?? AuditChain.Start),
            problems
        );
    }

    // Copies may lag behind; what the node itself has written it has, until it deletes it for its age.
    private void Compare(ChainEnd end)
    {
        if (end.Number > (last?.Number ?? 0))
        {
            if (isOwn)
                Note(
                    $"Node {Text(end.Peer)} has entries up to {Text(end.Number)} of this log, and here it ends with "
                        + $"{Text(last?.Number ?? 0)}: its end was cut off, or the node was restored from a backup."
                );
        }
        else if (end.Number >= first)
        {
            Note($"Entry {Text(end.Number)} is another one on node {Text(end.Peer)}: one of the two logs was written anew.");
        }
    }

    private static string Missing(long from, long to) =>
        from == to ? $"Entry {Text(from)} is missing." : $"The entries {Text(from)} to {Text(to)} are missing.";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void Note(string problem)
    {
        if (problems.Count < AuditChainReport.MostProblems)
            problems.Add(problem);
    }
}
