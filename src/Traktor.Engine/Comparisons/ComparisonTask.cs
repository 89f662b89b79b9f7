using System.Text.Json;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons;

/// <summary>Runs comparisons: each table is scanned, then the keys that were not equal are checked.</summary>
public sealed class ComparisonTask(ComparisonStore store, NodeRowsOfMesh mesh, MeshProofs proofs, TimeProvider time) : ITaskKind
{
    /// <summary>Its name.</summary>
    public const string Kind = "comparison";

    public string Name => Kind;

    public async Task<JsonElement?> RunAsync(TaskRun run, CancellationToken cancel)
    {
        var tables = await store.TablesAsync(run.Id, cancel);
        await run.PlanAsync(
            [.. tables.Select(table => new TaskItem(table.Table.ToString(), null, 0, null, 0, IsFinished: false, Problem: null))],
            cancel
        );
        var nodes = await mesh.OfAsync(tables[0].Nodes, run.Actor, cancel);
        var all = await mesh.LinkedAsync(nodes, run.Actor, cancel);
        foreach (var table in tables.Where(table => table is { IsScanned: false, FinishedAt: null }))
            try
            {
                await ScanAsync(run, table, nodes, cancel);
            }
            catch (RefusedException e) when (e.Kind is not RefusalKind.Unavailable)
            {
                // The other tables are compared all the same.
                await FinishAsync(run, table, e.Hint is null ? e.Message : $"{e.Message} {e.Hint}", cancel);
            }

        var scanned = (await store.TablesAsync(run.Id, cancel)).Where(table => table.FinishedAt is null).ToList();
        var problem = await new KeyCheck(store, run.Id, run, nodes, all, time).CheckAsync(scanned, cancel);
        foreach (var table in scanned)
        {
            await store.GiveUpAsync(run.Id, table.Table, cancel);
            await FinishAsync(run, table, null, cancel);
        }

        await proofs.NoteAsync(run.Id, tables[0].Nodes, mesh.AddressAsync, run.Actor, cancel);
        if (problem is not null)
            await run.LogAsync($"Some keys could not be told to be equal or different: {problem}", cancel);
        var found = await store.TablesAsync(run.Id, cancel);
        return JsonSerializer.SerializeToElement(
            new
            {
                tables = found.Count,
                equal = found.Count(table => table is { Problem: null, Different: 0, InFlight: 0 }),
                rows = found.Sum(table => table.RowCount),
                different = found.Sum(table => table.Different),
                in_flight = found.Sum(table => table.InFlight),
                problem,
            }
        );
    }

    public Task UndoAsync(TaskRun run, CancellationToken cancel) => store.DeleteAsync(run.Id, cancel);

    private async Task ScanAsync(TaskRun run, StoredTable table, IReadOnlyList<INodeRows> nodes, CancellationToken cancel)
    {
        var relation = table.Table.ToString();
        if (table.Plan is not { } plan)
        {
            var shapes = await Task.WhenAll(nodes.Select(node => node.ShapeAsync(relation, cancel)));
            plan = ComparisonPlan.Of(shapes);
            var closed = shapes.SelectMany(shape => shape.Resync).Where(mark => table.Nodes.Contains(mark.Node)).Select(mark => mark.Id);
            await store.BeginAsync(run.Id, table.Table, plan, [.. closed], cancel);
            if (plan.LeftOut.Count > 0)
                await run.LogAsync(
                    $"{relation}: not all nodes have the columns {string.Join(", ", plan.LeftOut)}; they are left out.",
                    cancel
                );
        }

        await new TableScan(store, run, table.Table, plan, nodes, table.Share, time).ScanAsync(table, cancel);
    }

    private async Task FinishAsync(TaskRun run, StoredTable table, string? problem, CancellationToken cancel)
    {
        await store.FinishAsync(run.Id, table.Table, problem, cancel);
        var now = (await store.TablesAsync(run.Id, cancel)).First(other => other.Table == table.Table);
        var item = (await run.ItemsAsync(cancel)).First(item => item.Name == table.Table.ToString());
        await run.NoteAsync(item with { IsFinished = true, RowsTotal = now.RowCount, Problem = problem }, cancel);
        await run.LogAsync(
            problem is not null ? $"{table.Table}: {problem}"
                : now is { Different: 0, InFlight: 0 } ? $"{table.Table}: equal, {now.RowCount} rows."
                : $"{table.Table}: {now.Different} keys differ; {now.InFlight} were always being changed.",
            cancel
        );
    }
}
