using System.Globalization;
using System.Text.Json;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Convergence;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>
/// Repairs differences: for each key a version is chosen, and the node that has it announces it as the winner of the
/// key, as if it had been contested. Every node then adopts it, and what it replaces is in the history. A key that has
/// changed since it was compared is left alone. Afterwards the keys are compared again.
/// </summary>
public sealed class RepairTask(
    ComparisonStore store,
    NodeRowsOfMesh mesh,
    MeshProofs proofs,
    Func<TableName, IReadOnlyList<RowChoice>, CancellationToken, Task<IReadOnlyList<bool>>> announceHere,
    LocalNode local,
    IPeerRepairs? peers,
    TimeProvider time
) : ITaskKind
{
    /// <summary>Its name.</summary>
    public const string Kind = "repair";

    private const int Page = 200;
    private const int MostExamples = 100;

    public string Name => Kind;

    public async Task<JsonElement?> RunAsync(TaskRun run, CancellationToken cancel)
    {
        var order = RepairOrder.Of(run.Request);
        var tables = (await store.TablesAsync(order.Comparison, cancel))
            .Where(table => table.Different > 0 && (order.Table is null || table.Table.ToString() == order.Table))
            .ToList();
        await run.PlanAsync(
            [
                .. tables.Select(table => new TaskItem(
                    table.Table.ToString(),
                    table.Different,
                    0,
                    null,
                    0,
                    IsFinished: false,
                    Problem: null
                )),
            ],
            cancel
        );
        var counts = new RepairCounts();
        foreach (var table in tables)
            await RepairAsync(run, order, table, counts, cancel);
        string? problem = null;
        if (!order.IsDryRun && tables.Count > 0)
        {
            // What was announced is applied everywhere when the keys are read for the second time.
            var nodes = await mesh.OfAsync(tables[0].Nodes, run.Actor, cancel);
            await store.ReopenAsync(order.Comparison, order.Keys, order.Table, cancel);
            var all = await mesh.LinkedAsync(nodes, run.Actor, cancel);
            problem = await new KeyCheck(store, order.Comparison, run, nodes, all, time).CheckAsync(tables, cancel);
            foreach (var table in tables)
                await store.GiveUpAsync(order.Comparison, table.Table, cancel);
            await proofs.NoteAsync(order.Comparison, tables[0].Nodes, mesh.AddressAsync, run.Actor, cancel);
        }

        var left = (await store.TablesAsync(order.Comparison, cancel)).Sum(table => table.Different + table.InFlight);
        return counts.ToJson(order, left, problem);
    }

    // Each key is repaired by a commit of its own: none is half done, and those that are done are in the history.
    public Task UndoAsync(TaskRun run, CancellationToken cancel) => Task.CompletedTask;

    private async Task RepairAsync(TaskRun run, RepairOrder order, StoredTable table, RepairCounts counts, CancellationToken cancel)
    {
        var relation = table.Table.ToString();
        var nodes = await mesh.OfAsync(table.Nodes, run.Actor, cancel);
        var item = (await run.ItemsAsync(cancel)).First(item => item.Name == relation);
        var began = time.GetTimestamp();
        var (after, done) = (0L, 0L);
        while (true)
        {
            var page = await store.KeysAsync(order.Comparison, table.Table, isOpen: false, after, Page, cancel);
            if (page.Count == 0)
                break;
            after = page[^1].Id;
            var keys = page.Where(key => key.Verdict == KeyVerdict.Different && (order.Keys is null || order.Keys.Contains(key.Id)))
                .ToList();
            if (keys.Count == 0)
                continue;
            var now = await KeyReading.ReadAsync(nodes, relation, table.Plan!, [.. keys.Select(key => key.Key)], hasRows: false, cancel);
            var steps = new List<(StoredKey Key, IReadOnlyDictionary<int, KeyVersion?> Rows, RepairStep Step)>();
            foreach (var (key, rows) in keys.Zip(now))
                if (KeyReading.Seen(rows).Any(version => key.Seen.GetValueOrDefault(version.Key) != version.Value))
                    counts.Changed++;
                else if (RepairRules.Choose(order.Rule, rows) is { } step)
                    steps.Add((key, rows, step));
                else
                    counts.Undecided++;
            foreach (var group in steps.GroupBy(step => step.Step.Writer))
            {
                var list = group.ToList();
                var taken = order.IsDryRun
                    ? [.. list.Select(_ => true)]
                    : await AnnounceAsync(
                        run,
                        group.Key,
                        table,
                        [.. list.Select(step => ChoiceOf(table, step.Key, step.Rows, step.Step))],
                        cancel
                    );
                foreach (var ((key, rows, step), isTaken) in list.Zip(taken))
                    if (isTaken)
                        counts.Add(table, key, rows, step, MostExamples);
                    else
                        counts.Changed++;
            }

            done += keys.Count;
            item = item with { RowsDone = done, WorkedMs = (long)time.GetElapsedTime(began).TotalMilliseconds };
            await run.NoteAsync(item, cancel);
        }

        await run.NoteAsync(item with { IsFinished = true, RowsTotal = done }, cancel);
    }

    private async Task<IReadOnlyList<bool>> AnnounceAsync(
        TaskRun run,
        int node,
        StoredTable table,
        IReadOnlyList<RowChoice> rows,
        CancellationToken cancel
    )
    {
        if (node == local.NodeId)
            return await announceHere(table.Table, rows, cancel);
        var address = await mesh.AddressAsync(node, cancel);
        return peers is null
            ? throw RefusedException.Unavailable(string.Create(CultureInfo.InvariantCulture, $"Node {node} cannot be reached."))
            : (await peers.AnnounceAsync(address, run.Actor, table.Table.ToString(), rows, cancel)).Taken;
    }

    private static RowChoice ChoiceOf(StoredTable table, StoredKey key, IReadOnlyDictionary<int, KeyVersion?> rows, RepairStep step)
    {
        return new RowChoice(
            JsonSerializer.Serialize(table.Plan!.Key.Zip(key.Key).ToDictionary(pair => pair.First, pair => pair.Second)),
            RepairRules.StampOf(step.Writer, rows[step.Writer]),
            step.IsDeletion,
            step.After
        );
    }
}
