using Traktor.Engine.Comparisons.Hashing;

namespace Traktor.Engine.Comparisons;

/// <summary>Reads the rows of some keys on all nodes at the same time.</summary>
internal static class KeyReading
{
    /// <summary>The rows of each key by node; null where a node has none.</summary>
    public static async Task<IReadOnlyList<IReadOnlyDictionary<int, KeyVersion?>>> ReadAsync(
        IReadOnlyList<INodeRows> nodes,
        string relation,
        ComparisonPlan plan,
        IReadOnlyList<IReadOnlyList<string>> keys,
        bool hasRows,
        CancellationToken cancel
    )
    {
        var lists = await Task.WhenAll(nodes.Select(node => node.VersionsAsync(relation, plan.Columns, keys, hasRows, cancel)));
        var found = lists
            .Select(list =>
                (
                    list.Node,
                    Versions: list.Versions.GroupBy(version => TableScan.NameOf(version.Key), StringComparer.Ordinal)
                        .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal)
                )
            )
            .ToList();
        return
        [
            .. keys.Select(key =>
                found.ToDictionary(node => node.Node, node => (KeyVersion?)node.Versions.GetValueOrDefault(TableScan.NameOf(key)))
            ),
        ];
    }

    /// <summary>What was seen, without the values.</summary>
    public static IReadOnlyDictionary<int, SeenVersion?> Seen(IReadOnlyDictionary<int, KeyVersion?> versions) =>
        versions.ToDictionary(version => version.Key, version => version.Value is { } row ? new SeenVersion(row.Hash, row.Xmin) : null);
}
