using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Monitoring;

/// <summary>The mesh as this node sees it.</summary>
/// <param name="Node">This node.</param>
/// <param name="Nodes">The nodes it knows.</param>
/// <param name="Inbound">Its subscriptions.</param>
/// <param name="Outbound">Its subscribers, read from its replication slots.</param>
public sealed record MeshStatus(
    int Node,
    IReadOnlyList<KnownNode> Nodes,
    IReadOnlyList<SubscriptionStatus> Inbound,
    IReadOnlyList<Subscriber> Outbound
)
{
    /// <summary>Reads it from this node's database.</summary>
    /// <exception cref="RefusedException">Unavailable, or Conflict when the node is not initialised.</exception>
    public static async Task<MeshStatus> ReadAsync(LocalNode local, IReadOnlyList<SubscriptionStatus> inbound, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            return new MeshStatus(
                local.NodeId,
                await NodeDirectory.ReadAsync(connection, cancel),
                inbound,
                await Subscriber.ReadAsync(connection, local.NodeId, cancel)
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
