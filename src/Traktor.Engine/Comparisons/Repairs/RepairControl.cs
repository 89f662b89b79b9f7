using System.Globalization;
using Traktor.Engine.Access;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>Starts repairs.</summary>
public sealed class RepairControl(LocalNode local, TaskStore tasks, ComparisonControl comparisons)
{
    /// <summary>Starts a repair of what a comparison has found, and returns the number of its task.</summary>
    /// <exception cref="RefusedException">Malformed; NotFound; Conflict: the comparison is not finished, or the node of
    /// the rule is not part of it; Unavailable.</exception>
    public async Task<long> StartAsync(RepairOrder order, Actor actor, CancellationToken cancel)
    {
        var comparison = await comparisons.FindAsync(order.Comparison, cancel);
        if (comparison.Task.State != TaskState.Succeeded)
            throw RefusedException.Conflict($"Comparison {order.Comparison} has not found out all differences: it is not finished.");
        if (order.Rule.Node is { } node && !comparison.Nodes.Contains(node))
            throw RefusedException.Conflict($"Node {node} is not part of comparison {order.Comparison}.");
        if (order.Table is { } written)
            order = order with
            {
                Table = ComparisonControl.Find(written, [.. comparison.Tables.Select(one => TableName.Parse(one.Relation))]).ToString(),
            };
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            var target = string.Create(
                CultureInfo.InvariantCulture,
                $"comparison {order.Comparison} by {order.Rule}{(order.IsDryRun ? ", dry run" : "")}"
            );
            var id = await TaskStore.AddAsync(connection, RepairTask.Kind, target, order.ToJson(), actor, cancel);
            tasks.Announce();
            return id;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
