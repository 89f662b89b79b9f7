using System.Collections.Concurrent;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>
/// The clients of the nodes. Every session may read; clients for changes are handed out by the console's
/// <c>Operator</c> only.
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
    public INodeReader Reader(int node) => Find(node);

    /// <summary>The client of a node's conflicts, for reading.</summary>
    /// <exception cref="RefusedException">Unavailable: its arbiter's address is not known.</exception>
    public ICaseReader Cases(int node) => FindCases(node);

    internal INodeClient Find(int node) => node == _own.Node ? _own : new RemoteNode(_arbiters, Address(node));

    internal ICaseClient FindCases(int node) => node == _own.Node ? _ownCases : new RemoteCases(_arbiters, Address(node));

    private PeerArbiter Address(int node) =>
        _urls.TryGetValue(node, out var url)
            ? new PeerArbiter(node, url)
            : throw RefusedException.Unavailable($"The URL of node {node}'s arbiter is not known. Set PublicURL in its arbiter.ini.");
}
