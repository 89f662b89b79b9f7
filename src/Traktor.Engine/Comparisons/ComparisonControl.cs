using Traktor.Engine.Access;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons;

/// <summary>Starts comparisons, and reads what they have found.</summary>
public sealed class ComparisonControl(LocalNode local, TaskStore tasks, ComparisonStore store, NodeRowsOfMesh mesh, Replicaset replicaset)
{
    /// <summary>The most differences on a page.</summary>
    public const int LargestPage = 100;

    /// <summary>Starts a comparison and returns its number.</summary>
    /// <exception cref="RefusedException">Malformed; NotFound: a table or a node is not known; Conflict: there is
    /// nothing to compare, or the node is not initialised; Unavailable.</exception>
    public async Task<long> StartAsync(ComparisonOrder order, Actor actor, CancellationToken cancel)
    {
        if (order.Share is < 1 or > 100)
            throw RefusedException.Malformed("share must be a number of per cent from 1 to 100.");
        var committed = (await replicaset.ReadAsync(cancel))
            .Where(table => table.Status == TableState.Committed)
            .Select(table => TableName.Parse(table.Relation))
            .ToList();
        var tables = order.Tables is null ? committed : [.. order.Tables.Select(name => Find(name, committed)).Distinct()];
        if (tables.Count == 0)
            throw RefusedException.Conflict("There is no table to compare.", "Add tables to the replicaset, and commit it.");
        var members = await mesh.MembersAsync(cancel);
        var nodes = (order.Nodes ?? members).Distinct().Order().ToList();
        if (nodes.Except(members).ToList() is [var other, ..])
            throw RefusedException.NotFound($"Node {other} is not linked with node {local.NodeId}.");
        if (nodes.Count < 2)
            throw RefusedException.Conflict("A comparison needs at least two nodes.", "Subscribe the nodes to one another first.");

        var id = await local.AskAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                var target = tables.Count == 1 ? tables[0].ToString() : $"{tables.Count} tables";
                var added = await TaskStore.AddAsync(connection, ComparisonTask.Kind, target, order.ToJson(), actor, cancel);
                await ComparisonStore.AddAsync(connection, added, tables, nodes, order.Share, cancel);
                await transaction.CommitAsync(cancel);
                return added;
            },
            cancel
        );
        tasks.Announce();
        return id;
    }

    /// <summary>A page of comparisons, newest first.</summary>
    public async Task<ComparisonPage> ListAsync(long? before, int limit, CancellationToken cancel)
    {
        var page = await tasks.ListAsync(ComparisonTask.Kind, before, limit, cancel);
        var tables = await store.TablesAsync([.. page.Tasks.Select(task => task.Id)], cancel);
        return new ComparisonPage(page.Node, [.. page.Tasks.Select(task => Of(task, tables.GetValueOrDefault(task.Id, [])))], page.Next);
    }

    /// <summary>A comparison.</summary>
    /// <exception cref="RefusedException">NotFound; Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<Comparison> FindAsync(long id, CancellationToken cancel)
    {
        var task = (await tasks.FindAsync(id, cancel)).Task;
        return task.Kind == ComparisonTask.Kind
            ? Of(task, await store.TablesAsync(id, cancel))
            : throw RefusedException.NotFound($"Task {id} is not a comparison.");
    }

    /// <summary>A page of differences with the present rows of the nodes, which are read for an actor.</summary>
    /// <param name="id">The comparison.</param>
    /// <param name="relation">Only those of a table; null for all.</param>
    /// <param name="after">The page after this difference; 0 for the first.</param>
    /// <param name="limit">The most differences.</param>
    /// <param name="actor">For whom.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Malformed; NotFound; Unavailable: a node cannot be reached.</exception>
    public async Task<DifferencePage> DifferencesAsync(
        long id,
        string? relation,
        long after,
        int limit,
        Actor actor,
        CancellationToken cancel
    )
    {
        if (limit is < 1 or > LargestPage)
            throw RefusedException.Malformed($"limit must be a number from 1 to {LargestPage}.");
        await FindAsync(id, cancel);
        var tables = await store.TablesAsync(id, cancel);
        if (relation is not null)
            tables = [tables.First(table => table.Table == Find(relation, [.. tables.Select(one => one.Table)]))];
        var keys = new List<(StoredTable Table, StoredKey Key)>();
        foreach (var table in tables.Where(table => table.Different + table.InFlight > 0))
            keys.AddRange((await store.KeysAsync(id, table.Table, isOpen: false, after, limit + 1, cancel)).Select(key => (table, key)));
        var page = keys.OrderBy(pair => pair.Key.Id).Take(limit).ToList();
        var differences = new List<Difference>();
        foreach (var group in page.GroupBy(pair => pair.Table))
        {
            var nodes = await mesh.OfAsync(group.Key.Nodes, actor, cancel);
            var list = group.Select(pair => pair.Key).ToList();
            var rows = await KeyReading.ReadAsync(
                nodes,
                group.Key.Table.ToString(),
                group.Key.Plan!,
                [.. list.Select(key => key.Key)],
                hasRows: true,
                cancel
            );
            differences.AddRange(list.Zip(rows).Select(pair => Of(group.Key, pair.First, pair.Second)));
        }

        return new DifferencePage(
            local.NodeId,
            id,
            [.. differences.OrderBy(difference => difference.Id)],
            keys.Count > limit ? page[^1].Key.Id : null
        );
    }

    /// <summary>Finds a table by the name as written, or as SQL folds it.</summary>
    /// <exception cref="RefusedException">NotFound: it is none of these.</exception>
    internal static TableName Find(string written, IReadOnlyList<TableName> known)
    {
        var name = TableName.Parse(written);
        return known.FirstOrDefault(table => table == name)
            ?? known.FirstOrDefault(table => table == name.Folded())
            ?? throw RefusedException.NotFound(
                $"{name} is not a committed table of this node's replicaset, or not part of the comparison."
            );
    }

    private static Comparison Of(TaskEntry task, IReadOnlyList<StoredTable> tables) =>
        new(
            task.Id,
            task,
            tables.Count == 0 ? [] : tables[0].Nodes,
            tables.Count == 0 ? 100 : tables[0].Share,
            [
                .. tables.Select(table => new ComparedTable(
                    table.Table.ToString(),
                    table.BeganAt,
                    table.FinishedAt,
                    table.RowCount,
                    table.Different,
                    table.InFlight,
                    table.Open,
                    table is { FinishedAt: not null, Problem: null, Different: 0, InFlight: 0 },
                    table.Plan?.LeftOut ?? [],
                    table.Problem
                )),
            ]
        );

    private static Difference Of(StoredTable table, StoredKey key, IReadOnlyDictionary<int, KeyVersion?> versions)
    {
        var newest = versions
            .Where(version => version.Value?.Stamp is not null)
            .OrderByDescending(version => version.Value!.Stamp)
            .ThenByDescending(version => version.Value!.Origin)
            .Select(version => version.Value!)
            .FirstOrDefault();
        return new Difference(
            key.Id,
            table.Table.ToString(),
            table.Plan!.Key.Zip(key.Key).ToDictionary(pair => pair.First, pair => (string?)pair.Second, StringComparer.Ordinal),
            key.Verdict ?? KeyVerdict.InFlight,
            KeyReading.Seen(versions).Any(version => key.Seen.GetValueOrDefault(version.Key) != version.Value),
            [
                .. versions
                    .OrderBy(version => version.Key)
                    .Select(version => new DifferentRow(
                        version.Key,
                        version.Value?.Row,
                        version.Value?.Stamp,
                        version.Value?.Origin,
                        newest is not null && version.Value is { } row && (row.Stamp, row.Origin) == (newest.Stamp, newest.Origin)
                    )),
            ]
        );
    }
}
