using System.Text.Json;
using Traktor.Engine.Comparisons.Hashing;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>What a repair did, or would do.</summary>
internal sealed class RepairCounts
{
    private readonly SortedDictionary<int, (long Inserted, long Replaced, long Deleted)> nodes = [];
    private readonly List<object> examples = [];
    private long repaired;

    /// <summary>Keys that had changed since they were compared.</summary>
    public long Changed { get; set; }

    /// <summary>Keys of which the rule does not say which version.</summary>
    public long Undecided { get; set; }

    /// <summary>Adds a key.</summary>
    public void Add(StoredTable table, StoredKey key, IReadOnlyDictionary<int, KeyVersion?> rows, RepairStep step, int mostExamples)
    {
        repaired++;
        foreach (var node in step.Changed)
        {
            var count = nodes.GetValueOrDefault(node);
            nodes[node] =
                step.IsDeletion ? count with { Deleted = count.Deleted + 1 }
                : rows[node] is null ? count with { Inserted = count.Inserted + 1 }
                : count with { Replaced = count.Replaced + 1 };
        }

        if (examples.Count < mostExamples)
            examples.Add(
                new
                {
                    id = key.Id,
                    relation = table.Table.ToString(),
                    key = table.Plan!.Key.Zip(key.Key).ToDictionary(pair => pair.First, pair => pair.Second),
                    from = step.IsDeletion ? (int?)null : step.Writer,
                    changed = step.Changed,
                }
            );
    }

    /// <summary>The result of the task.</summary>
    public JsonElement ToJson(RepairOrder order, long left, string? problem) =>
        JsonSerializer.SerializeToElement(
            new
            {
                comparison = order.Comparison,
                dry_run = order.IsDryRun,
                repaired,
                changed = Changed,
                undecided = Undecided,
                left,
                nodes = nodes.Select(node => new
                {
                    node = node.Key,
                    inserted = node.Value.Inserted,
                    replaced = node.Value.Replaced,
                    deleted = node.Value.Deleted,
                }),
                keys = examples,
                problem,
            }
        );
}
