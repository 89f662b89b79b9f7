using Traktor.Engine.Access;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Comparisons;

/// <summary>Finds the nodes of the mesh, and the way to their rows: directly, or through their arbiters.</summary>
public sealed class NodeRowsOfMesh(LocalNode local, RowHashes own, IPeerRows? peers)
{
    /// <summary>This node and the others of the mesh, as its heartbeats know them.</summary>
    /// <exception cref="RefusedException">Conflict when the node is not initialised; Unavailable.</exception>
    public async Task<IReadOnlyList<int>> MembersAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            return (await HeartbeatSnapshot.ReadAsync(connection, local.NodeId, cancel)).Members;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>The rows of some nodes, for somebody.</summary>
    /// <exception cref="RefusedException">NotFound: a node is not known; Unavailable: the address of an arbiter is not
    /// known.</exception>
    public async Task<IReadOnlyList<INodeRows>> OfAsync(IEnumerable<int> nodes, Actor actor, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        IReadOnlyList<KnownNode> known;
        try
        {
            known = await NodeDirectory.ReadAsync(connection, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }

        return [.. nodes.Select(node => node == local.NodeId ? own : Of(node, known, actor))];
    }

    private INodeRows Of(int node, IReadOnlyList<KnownNode> known, Actor actor)
    {
        var found =
            known.FirstOrDefault(other => other.Node == node) ?? throw RefusedException.NotFound($"Node {node} is not known on this node.");
        if (peers is null || !Uri.TryCreate(found.ArbiterUrl, UriKind.Absolute, out var url))
            throw RefusedException.Unavailable($"The address of node {node}'s arbiter is not known: set PublicURL in its arbiter.ini.");
        return peers.Of(new PeerArbiter(node, url), actor);
    }
}
