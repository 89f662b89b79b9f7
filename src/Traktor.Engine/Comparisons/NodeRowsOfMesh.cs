using Traktor.Engine.Access;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Nodes;

namespace Traktor.Engine.Comparisons;

/// <summary>Finds the nodes of the mesh, and the way to their rows: directly, or through their arbiters.</summary>
public sealed class NodeRowsOfMesh(LocalNode local, RowHashes own, IPeerRows? peers)
{
    /// <summary>This node and the others of the mesh, as its heartbeats know them.</summary>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public Task<IReadOnlyList<int>> MembersAsync(CancellationToken cancel) =>
        local.AskAsync(async connection => (await HeartbeatSnapshot.ReadAsync(connection, local.NodeId, cancel)).Members, cancel);

    /// <summary>The rows of some nodes, for somebody.</summary>
    /// <exception cref="RefusedException">NotFound: a node is not known; Unavailable: the address of an arbiter is not
    /// known.</exception>
    public async Task<IReadOnlyList<INodeRows>> OfAsync(IEnumerable<int> nodes, Actor actor, CancellationToken cancel)
    {
        var known = await local.AskAsync(connection => NodeDirectory.ReadAsync(connection, cancel), cancel);
        return [.. nodes.Select(node => node == local.NodeId ? own : Of(node, known, actor))];
    }

    /// <summary>
    /// All nodes whose changes may be on their way to the compared ones. Each of these must receive from each other
    /// one: without that their rows need not be equal.
    /// </summary>
    public async Task<IReadOnlyList<INodeRows>> LinkedAsync(IReadOnlyList<INodeRows> nodes, Actor actor, CancellationToken cancel)
    {
        var positions = await Task.WhenAll(nodes.Select(node => node.PositionsAsync(cancel)));
        foreach (var position in positions)
        foreach (var other in nodes.Where(other => other.Node != position.Node))
            if (!position.ReceivesFrom.Contains(other.Node))
                throw RefusedException.Conflict(
                    $"Node {position.Node} does not receive from node {other.Node}; only nodes that receive from one another are compared.",
                    "Create the missing subscription, or name other nodes."
                );
        var more = positions.SelectMany(position => position.ReceivesFrom).Distinct().Where(node => nodes.All(one => one.Node != node));
        return [.. nodes, .. await OfAsync(more, actor, cancel)];
    }

    /// <summary>The arbiter of another node.</summary>
    /// <exception cref="RefusedException">NotFound: the node is not known; Unavailable: its address is not.</exception>
    public async Task<PeerArbiter> AddressAsync(int node, CancellationToken cancel) =>
        AddressOf(node, await local.AskAsync(connection => NodeDirectory.ReadAsync(connection, cancel), cancel));

    private INodeRows Of(int node, IReadOnlyList<KnownNode> known, Actor actor)
    {
        var address = AddressOf(node, known);
        return peers is null ? throw RefusedException.Unavailable($"Node {node} cannot be reached.") : peers.Of(address, actor);
    }

    private static PeerArbiter AddressOf(int node, IReadOnlyList<KnownNode> known)
    {
        var found =
            known.FirstOrDefault(other => other.Node == node) ?? throw RefusedException.NotFound($"Node {node} is not known on this node.");
        return Uri.TryCreate(found.ArbiterUrl, UriKind.Absolute, out var url)
            ? new PeerArbiter(node, url)
            : throw RefusedException.Unavailable($"The address of node {node}'s arbiter is not known: set PublicURL in its arbiter.ini.");
    }
}
