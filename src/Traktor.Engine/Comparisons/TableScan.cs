using System.Text.Json;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons;

/// <summary>
/// Finds the keys of a table that are not equal on all nodes: ranges of keys are hashed on all nodes at the same time,
/// those that differ are split, and small ones listed. What it finds are candidates: a row that is being changed has
/// not arrived everywhere. Each range that is done is on record, so that a killed arbiter's successor goes on with the
/// next.
/// </summary>
internal sealed class TableScan(
    ComparisonStore store,
    TaskRun run,
    TableName table,
    ComparisonPlan plan,
    IReadOnlyList<INodeRows> nodes,
    int share,
    TimeProvider time
)
{
    private readonly string relation = table.ToString();
    private long began;

    /// <summary>Compares what is left of the table.</summary>
    public async Task ScanAsync(StoredTable stored, CancellationToken cancel)
    {
        var item = (await run.ItemsAsync(cancel)).First(item => item.Name == relation);
        item = item with { RowsTotal = Math.Max(plan.Rows, stored.RowCount), RowsDone = stored.RowCount, BytesTotal = plan.Bytes };
        await run.NoteAsync(item, cancel);
        if (!plan.IsOrdered)
        {
            await ScanBucketsAsync(item, cancel);
            return;
        }

        // The node with the most rows says where a range ends. Rows that only others have are in some range all the
        // same.
        var source = nodes[0];
        var size = ComparisonSizes.FirstRange;
        var next = stored.NextKey;
        var isDone = stored.IsScanned;
        while (!isDone)
        {
            began = time.GetTimestamp();
            var bounds = await source.BoundsAsync(relation, new KeyRange(next), size, 1, cancel);
            var end = bounds.Bounds.Count == 0 ? null : bounds.Bounds[0];
            var range = new KeyRange(next, end);
            var hashes = await HashAsync([range], cancel);
            var workedMs = hashes.Max(hash => hash.WorkedMs);
            var keys = new List<StoredKey>();
            if (!ComparisonRules.AreEqual(hashes.Select(hash => hash.Hashes[0])))
                await DivideAsync(range, [.. hashes.Select(hash => hash.Hashes[0])], keys, cancel);
            var rows = hashes.Max(hash => hash.Hashes[0].Rows);
            isDone = end is null;
            await store.SaveRangeAsync(run.Id, table, end, rows, isDone, keys, cancel);
            FaultPoint.Reach(FaultPoint.RangeCompared);
            item = await NoteAsync(item, rows, cancel);
            next = end;
            size = ComparisonSizes.Next(size, workedMs);
        }
    }

    /// <summary>Splits a range that differs, until its parts are small enough to be listed.</summary>
    private async Task DivideAsync(KeyRange range, IReadOnlyList<RangeHash> hashes, List<StoredKey> keys, CancellationToken cancel)
    {
        var most = hashes.Max(hash => hash.Rows);
        if (most <= ComparisonSizes.SmallRange && await ListAsync(range, keys, cancel))
            return;
        var largest = nodes[hashes.ToList().FindIndex(hash => hash.Rows == most)];
        var every = ComparisonSizes.Part(most);
        var bounds = await largest.BoundsAsync(relation, range, every, ComparisonSizes.Parts * 2, cancel);
        if (bounds.Bounds.Count == 0)
        {
            // Its rows were deleted meanwhile, or they are too many for a list and have one key more than there are.
            if (!await ListAsync(range, keys, cancel))
                throw RefusedException.Unavailable($"A range of {relation} changes faster than it can be compared.");
            return;
        }

        var parts = range.SplitAt(bounds.Bounds);
        var found = await HashAsync(parts, cancel);
        for (var i = 0; i < parts.Count; i++)
        {
            List<RangeHash> part = [.. found.Select(hash => hash.Hashes[i])];
            if (!ComparisonRules.AreEqual(part))
                await DivideAsync(parts[i], part, keys, cancel);
        }
    }

    /// <summary>Adds the keys of a range that are not equal. Returns whether the range is small enough.</summary>
    private async Task<bool> ListAsync(KeyRange range, List<StoredKey> keys, CancellationToken cancel)
    {
        var lists = await Task.WhenAll(nodes.Select(node => node.VersionsAsync(relation, plan.Columns, range, cancel)));
        if (lists.Any(list => !list.IsComplete))
            return false;
        keys.AddRange(Unequal(lists).Select(key => new StoredKey(0, key.Key, key.Seen, 0, null)));
        return true;
    }

    private async Task ScanBucketsAsync(TaskItem item, CancellationToken cancel)
    {
        began = time.GetTimestamp();
        var buckets = ComparisonSizes.Buckets(plan.Rows);
        var hashes = await HashAsync([new KeyRange(Buckets: buckets)], cancel);
        var differing = Enumerable
            .Range(0, buckets)
            .Where(bucket => !ComparisonRules.AreEqual(hashes.Select(hash => hash.Hashes[bucket])))
            .ToList();
        var keys = new List<StoredKey>();
        foreach (var chosen in differing.Chunk(ComparisonSizes.ListedBuckets))
            await ListAsync(new KeyRange(Buckets: buckets, Chosen: chosen), keys, cancel);
        var rows = hashes.Max(hash => hash.Hashes.Sum(bucket => bucket.Rows));
        await store.SaveRangeAsync(run.Id, table, null, rows, isScanned: true, keys, cancel);
        FaultPoint.Reach(FaultPoint.RangeCompared);
        await NoteAsync(item, rows, cancel);
    }

    private Task<RangeHashes[]> HashAsync(IReadOnlyList<KeyRange> ranges, CancellationToken cancel) =>
        Task.WhenAll(nodes.Select(node => node.HashAsync(relation, plan.Columns, ranges, cancel)));

    /// <summary>Notes the progress, and rests for as long as the share of the servers' time demands.</summary>
    private async Task<TaskItem> NoteAsync(TaskItem item, long rows, CancellationToken cancel)
    {
        var workedMs = (long)time.GetElapsedTime(began).TotalMilliseconds;
        var done = item.RowsDone + rows;
        item = item with { RowsDone = done, RowsTotal = Math.Max(done, item.RowsTotal ?? 0), WorkedMs = item.WorkedMs + workedMs };
        await run.NoteAsync(item, cancel);
        await Task.Delay(ComparisonSizes.Rest(workedMs, share), time, cancel);
        return item;
    }

    /// <summary>The keys that do not have the same row in all lists.</summary>
    internal static IEnumerable<(IReadOnlyList<string> Key, IReadOnlyDictionary<int, SeenVersion?> Seen)> Unequal(
        IReadOnlyList<KeyVersions> lists
    )
    {
        var keys = new Dictionary<string, (IReadOnlyList<string> Key, Dictionary<int, SeenVersion?> Seen)>(StringComparer.Ordinal);
        foreach (var list in lists)
        foreach (var version in list.Versions)
        {
            var name = NameOf(version.Key);
            if (!keys.TryGetValue(name, out var known))
                keys[name] = known = (version.Key, lists.ToDictionary(other => other.Node, _ => (SeenVersion?)null));
            known.Seen[list.Node] = new SeenVersion(version.Hash, version.Xmin);
        }

        return keys
            .Values.Where(key => !ComparisonRules.AreEqual(key.Seen))
            .Select(key => (key.Key, (IReadOnlyDictionary<int, SeenVersion?>)key.Seen));
    }

    /// <summary>A key as a text of its own.</summary>
    internal static string NameOf(IReadOnlyList<string> key) => JsonSerializer.Serialize(key);
}
