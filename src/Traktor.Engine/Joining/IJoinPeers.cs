using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Joining;

/// <summary>
/// What a node that joins has the arbiters of the other nodes do, for somebody. Every call throws
/// <see cref="RefusedException"/> with that arbiter's message, or with the reason why it cannot be reached.
/// </summary>
public interface IJoinPeers
{
    /// <summary>Has a node receive from the joining one.</summary>
    Task SubscribeAsync(PeerArbiter peer, Actor actor, int node, string connectionString, CancellationToken cancel);

    /// <summary>Has a node not receive from the joining one any more.</summary>
    Task UnsubscribeAsync(PeerArbiter peer, Actor actor, int node, CancellationToken cancel);

    /// <summary>Has the source export a snapshot, once it has applied what is before some positions.</summary>
    Task<SourceSnapshot> ExportAsync(
        PeerArbiter source,
        Actor actor,
        int node,
        IReadOnlyList<NodePosition> positions,
        CancellationToken cancel
    );

    /// <summary>The snapshot, which the source keeps for a while longer.</summary>
    Task<SourceSnapshot> KeepAsync(PeerArbiter source, Actor actor, int node, CancellationToken cancel);

    /// <summary>Has the source end the snapshot.</summary>
    Task EndAsync(PeerArbiter source, Actor actor, int node, CancellationToken cancel);
}
