using System.Collections.Concurrent;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>
/// Finds the way to each node's arbiter. Reading is open to whoever is signed in; what changes something is given out
/// by the console's <c>Operator</c> only.
/// </summary>
public sealed class NodeClients
{
    private readonly OwnNode _own;
    private readonly OwnCases _ownCases;
    private readonly ArbiterCalls _arbiters;
    private readonly ConcurrentDictionary<int, Uri> _urls = new();

    internal NodeClients(Arbiter arbiter, ArbiterCalls arbiters)
    {
        _own = new OwnNode(arbiter);
        _ownCases = new OwnCases(arbiter);
        _arbiters = arbiters;
    }

    /// <summary>Notes where a node's arbiter is; null when it is not known.</summary>
    public void Learn(int node, Uri? url)
    {
        if (url is null)
            _urls.TryRemove(node, out _);
        else
            _urls[node] = url;
    }

    /// <summary>A node, to look at.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public INodeReader Reader(int node) => Find(node);

    /// <summary>A node's conflicts, to look at.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public ICaseReader Cases(int node) => FindCases(node);

    internal INodeClient Find(int node) => node == _own.Node ? _own : new RemoteNode(_arbiters, Address(node));

    internal ICaseClient FindCases(int node) => node == _own.Node ? _ownCases : new RemoteCases(_arbiters, Address(node));

    private PeerArbiter Address(int node) =>
        _urls.TryGetValue(node, out var url)
            ? new PeerArbiter(node, url)
            : throw RefusedException.Unavailable($"The address of node {node}'s arbiter is not known: set PublicURL in its arbiter.ini.");
}
