using System.Collections.Concurrent;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>
/// The clients of the nodes. Every session may read, and what it reads is read for the arbiter; a client for changes is
/// for an actor, and each node checks what that actor may do.
/// </summary>
public sealed class NodeClients
{
    private readonly Arbiter _arbiter;
    private readonly Actor _self;
    private readonly ArbiterCalls _arbiters;
    private readonly ConcurrentDictionary<int, Uri> _urls = new();

    internal NodeClients(Arbiter arbiter, ArbiterCalls arbiters)
    {
        _arbiter = arbiter;
        _self = Actor.OfArbiter(arbiter.Settings.NodeId);
        _arbiters = arbiters;
    }

    /// <summary>Stores the URL of a node's arbiter; null when it is not known.</summary>
    public void Learn(int node, Uri? url)
    {
        if (url is null)
            _urls.TryRemove(node, out _);
        else
            _urls[node] = url;
    }

    /// <summary>The client of a node, for reading.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public INodeReader Reader(int node) => Find(node, _self);

    /// <summary>The client of a node's conflicts, for reading.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public ICaseReader Cases(int node) => FindCases(node, _self);

    /// <summary>The client of a node for an actor.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public INodeClient Find(int node, Actor actor) =>
        node == _arbiter.Settings.NodeId ? new OwnNode(_arbiter, actor) : new RemoteNode(_arbiters, Address(node), actor);

    /// <summary>The client of a node's conflicts for an actor.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public ICaseClient FindCases(int node, Actor actor) =>
        node == _arbiter.Settings.NodeId ? new OwnCases(_arbiter, actor) : new RemoteCases(_arbiters, Address(node), actor);

    private PeerArbiter Address(int node) =>
        _urls.TryGetValue(node, out var url)
            ? new PeerArbiter(node, url)
            : throw RefusedException.Unavailable($"The URL of node {node}'s arbiter is not known. Set PublicURL in its arbiter.ini.");
}
