using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>What a repair does with a key.</summary>
/// <param name="Writer">The node that announces the version: it has a row of the key.</param>
/// <param name="IsDeletion">Whether the key is deleted on all nodes.</param>
/// <param name="After">The version gets a new stamp greater than this one; null: it keeps its own, which is the
/// greatest.</param>
/// <param name="Changed">The nodes whose row is replaced, inserted or deleted.</param>
public sealed record RepairStep(int Writer, bool IsDeletion, Stamp? After, IReadOnlyList<int> Changed);

/// <summary>Chooses the version that all nodes get, without a connection.</summary>
public static class RepairRules
{
    /// <summary>The step for a key; null where the rule does not say which version.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="rows">The row of each node; null for none.</param>
    public static RepairStep? Choose(RepairRule rule, IReadOnlyDictionary<int, KeyVersion?> rows)
    {
        var (isFound, hash, node) = Chosen(rule, rows);
        if (!isFound)
            return null;
        var changed = rows.Where(row => row.Value?.Hash != hash).Select(row => row.Key).Order().ToList();
        var stamps = rows.Select(row => StampOf(row.Key, row.Value)).OfType<Stamp>().ToList();
        var greatest = stamps.Count == 0 ? new Stamp(Stamp.Unknown, 0) : stamps.Max();
        if (hash is null)
            return new RepairStep(rows.Where(row => row.Value is not null).Min(row => row.Key), IsDeletion: true, greatest, changed);
        // Its own stamp says which version it is, if no other node has a row that is as new.
        var own = StampOf(node, rows[node]);
        var others = rows.Where(row => row.Value is { } other && other.Hash != hash).Select(row => StampOf(row.Key, row.Value));
        var isGreatest = own is { } stamp && others.All(other => other is { } theirs && theirs < stamp);
        return new RepairStep(node, IsDeletion: false, isGreatest ? null : greatest, changed);
    }

    private static (bool IsFound, string? Hash, int Node) Chosen(RepairRule rule, IReadOnlyDictionary<int, KeyVersion?> rows)
    {
        switch (rule.Kind)
        {
            case RepairRuleKind.Node:
                return rows.TryGetValue(rule.Node!.Value, out var wanted) ? (true, wanted?.Hash, rule.Node.Value) : default;
            case RepairRuleKind.Majority:
                var groups = rows.GroupBy(row => row.Value?.Hash).OrderByDescending(group => group.Count()).ToList();
                return groups[0].Count() * 2 > rows.Count ? (true, groups[0].Key, groups[0].Min(row => row.Key)) : default;
            default:
                var stamped = rows.Where(row => row.Value is not null)
                    .OrderByDescending(row => StampOf(row.Key, row.Value) ?? new Stamp(Stamp.Unknown, -1))
                    .ToList();
                if (stamped.Count == 0)
                    return default;
                var first = stamped[0].Value!;
                // Two rows of one stamp that differ, or of which nothing is known: the rule does not say which.
                return stamped
                    .Skip(1)
                    .Any(row => row.Value!.Hash != first.Hash && StampOf(row.Key, row.Value) == StampOf(stamped[0].Key, first))
                    ? default
                    : (true, first.Hash, stamped[0].Key);
        }
    }

    /// <summary>
    /// The stamp of a row, as convergence takes it: what an unknown origin wrote is the node's own. Null when it is
    /// forgotten, or there is no row.
    /// </summary>
    internal static Stamp? StampOf(int node, KeyVersion? row) => row is { Stamp: { } at } ? new Stamp(at, row.Origin ?? node) : null;
}
