using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Nodes;

namespace Traktor.Engine.Comparisons.Proofs;

/// <summary>Has each compared node note which tables are equal.</summary>
/// <param name="local">This node.</param>
/// <param name="store">Its own notes.</param>
/// <param name="peers">The way to the other nodes; null where there is none.</param>
public sealed class MeshProofs(LocalNode local, ProofStore store, IPeerProofs? peers)
{
    /// <summary>Notes on every compared node what a comparison of this node has proven so far.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="nodes">The compared nodes.</param>
    /// <param name="address">Finds a node's arbiter.</param>
    /// <param name="actor">For whom.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Unavailable: a node cannot be reached.</exception>
    public async Task NoteAsync(
        long comparison,
        IReadOnlyList<int> nodes,
        Func<int, CancellationToken, Task<PeerArbiter>> address,
        Actor actor,
        CancellationToken cancel
    )
    {
        foreach (var tables in (await store.ReadAsync(comparison, cancel)).Chunk(ProofStore.MostTables))
        {
            var equal = new EqualTables(local.NodeId, comparison, nodes, tables);
            foreach (var node in nodes)
                if (node == local.NodeId)
                    await store.NoteAsync(equal, cancel);
                else if (peers is null)
                    throw RefusedException.Unavailable($"Node {node} cannot be reached.");
                else
                    await peers.NoteAsync(await address(node, cancel), actor, equal, cancel);
        }
    }
}
