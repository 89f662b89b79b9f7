using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons;

/// <summary>
/// Finds out which of the keys that were not equal are different: it waits until every node has applied and processed
/// what was written, reads them again, and so on (<see cref="ComparisonRules"/>).
/// </summary>
/// <param name="store">Has the keys.</param>
/// <param name="comparison">The number of the comparison.</param>
/// <param name="run">The task, which may be another one.</param>
/// <param name="nodes">The nodes that are compared.</param>
/// <param name="all">These, and the others that they receive from.</param>
/// <param name="time">The clock.</param>
internal sealed class KeyCheck(
    ComparisonStore store,
    long comparison,
    TaskRun run,
    IReadOnlyList<INodeRows> nodes,
    IReadOnlyList<INodeRows> all,
    TimeProvider time
)
{
    /// <summary>How many rounds a key may be changed in before it is left alone.</summary>
    private const int MostRounds = 15;

    /// <summary>How often a key that has changed is read again at once: between two changes it may be equal.</summary>
    private const int MostReadings = 8;

    private const int Page = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gives every key of the tables a verdict. Returns why some could not be told, a sentence; null when all could.
    /// </summary>
    public async Task<string?> CheckAsync(IReadOnlyList<StoredTable> tables, CancellationToken cancel)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var open = await OpenAsync(tables, cancel);
            if (open.Count == 0)
                return null;
            await run.LogAsync(
                $"{open.Sum(table => table.Open)} keys were not equal when they were read. They are read again once every node has "
                    + $"applied what was written.",
                cancel
            );
            if (await AwaitAsync(cancel) is { } problem)
                return problem;
            foreach (var table in open)
                await ReadAsync(table, cancel);
        }

        return null;
    }

    private async Task<IReadOnlyList<StoredTable>> OpenAsync(IReadOnlyList<StoredTable> tables, CancellationToken cancel)
    {
        var names = tables.Select(table => table.Table).ToHashSet();
        return [.. (await store.TablesAsync(comparison, cancel)).Where(table => table.Open > 0 && names.Contains(table.Table))];
    }

    /// <summary>
    /// Waits until every node has applied and processed what any node had written when this began. Returns why that
    /// does not happen, or null.
    /// </summary>
    private async Task<string?> AwaitAsync(CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        IReadOnlyDictionary<int, long>? wanted = null;
        while (true)
        {
            string problem;
            try
            {
                var positions = await Task.WhenAll(all.Select(node => node.PositionsAsync(cancel)));
                wanted ??= ComparisonRules.Wanted(positions);
                if (ComparisonRules.Behind(wanted, positions) is not var (node, sender))
                {
                    await run.WaitForAsync(null, cancel);
                    return null;
                }

                problem = $"Node {node} has not applied yet what node {sender} wrote.";
            }
            catch (RefusedException e) when (e.Kind == RefusalKind.Unavailable)
            {
                problem = e.Message;
            }

            if (time.GetElapsedTime(began) > Patience)
                return problem;
            if (time.GetElapsedTime(began) > Interval * 20)
                await run.WaitForAsync(problem, cancel);
            await Task.Delay(Interval, time, cancel);
        }
    }

    /// <summary>Reads the open keys of a table once more, a page at a time.</summary>
    private async Task ReadAsync(StoredTable table, CancellationToken cancel)
    {
        var after = 0L;
        while (true)
        {
            var keys = await store.KeysAsync(comparison, table.Table, isOpen: true, after, Page, cancel);
            if (keys.Count == 0)
                return;
            after = keys[^1].Id;
            var equal = new List<long>();
            var others = new List<StoredKey>();
            var isAwaited = true;
            for (var reading = 0; reading <= MostReadings && keys.Count > 0; reading++)
            {
                var now = await KeyReading.ReadAsync(
                    nodes,
                    table.Table.ToString(),
                    table.Plan!,
                    [.. keys.Select(key => key.Key)],
                    false,
                    cancel
                );
                var moving = new List<StoredKey>();
                foreach (var (key, versions) in keys.Zip(now))
                {
                    var seen = KeyReading.Seen(versions);
                    var (verdict, confirmed) = ComparisonRules.Judge(key.Seen, seen, key.Confirmed, isAwaited);
                    var next = key with { Seen = seen, Confirmed = confirmed };
                    if (verdict == KeyVerdict.Equal)
                        equal.Add(key.Id);
                    else if (verdict == KeyVerdict.Different)
                        others.Add(next with { Verdict = KeyVerdict.Different });
                    else if (confirmed > 0 || reading == MostReadings || reading > 0 && IsSame(key.Seen, seen))
                        others.Add(next);
                    else
                        moving.Add(next);
                }

                (keys, isAwaited) = (moving, false);
            }

            await store.SaveKeysAsync(comparison, equal, others, cancel);
        }
    }

    private static bool IsSame(IReadOnlyDictionary<int, SeenVersion?> before, IReadOnlyDictionary<int, SeenVersion?> now) =>
        now.All(version => before.GetValueOrDefault(version.Key) == version.Value);
}
