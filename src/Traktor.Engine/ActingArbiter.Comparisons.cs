using System.Globalization;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Convergence;
using Traktor.Engine.Postgres;
using Traktor.Engine.Tasks;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>Starts a comparison of tables on several nodes, and returns its task.</summary>
    public async Task<TaskReport> CompareAsync(ComparisonOrder order, CancellationToken cancel)
    {
        var id = await RunAsync(
            ArbiterAction.Compare,
            order.Tables is null ? "all tables" : string.Join(", ", order.Tables),
            null,
            () => arbiter.comparisons.StartAsync(order, Actor, cancel)
        );
        return await arbiter.tasks.FindAsync(id, cancel);
    }

    /// <summary>Starts a repair of what a comparison has found, and returns its task.</summary>
    public async Task<TaskReport> RepairAsync(RepairOrder order, CancellationToken cancel)
    {
        var id = await RunAsync(
            ArbiterAction.Repair,
            string.Create(CultureInfo.InvariantCulture, $"comparison {order.Comparison} by {order.Rule}"),
            isDone =>
                Task.FromResult<object?>(
                    isDone
                        ? new
                        {
                            order.Table,
                            order.Keys,
                            order.IsDryRun,
                        }
                        : null
                ),
            () => arbiter.repairs.StartAsync(order, Actor, cancel)
        );
        return await arbiter.tasks.FindAsync(id, cancel);
    }

    /// <summary>Has all nodes adopt rows of this node, or delete them, for a repair that another node runs.</summary>
    public Task<RepairedRows> AnnounceAsync(string table, IReadOnlyList<RowChoice> rows, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Repair,
            table,
            isDone => Task.FromResult<object?>(isDone ? new { Rows = rows.Count } : null),
            async () =>
                new RepairedRows(arbiter.Settings.NodeId, await arbiter.convergence.AnnounceAsync(TableName.Parse(table), rows, cancel))
        );

    /// <summary>Notes that tables were proven to be equal, by a comparison of another node or by other means.</summary>
    public Task<NotedProofs> NoteEqualAsync(EqualTables equal, CancellationToken cancel) =>
        RunAsync(
            ArbiterAction.Prove,
            equal.Tables.Count == 1
                ? equal.Tables[0].Relation
                : string.Create(CultureInfo.InvariantCulture, $"{equal.Tables.Count} tables"),
            isDone => Task.FromResult<object?>(isDone ? equal : null),
            () => arbiter.proofs.NoteAsync(equal, cancel)
        );
}
