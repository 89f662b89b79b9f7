using Traktor.Engine.Access;
using Traktor.Engine.Comparisons;
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
}
