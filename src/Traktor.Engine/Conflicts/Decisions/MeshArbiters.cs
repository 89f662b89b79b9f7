using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>Asks something of every other arbiter of the mesh, all at once, and puts what cannot be done into words.</summary>
public sealed class MeshArbiters(LocalNode local)
{
    /// <summary>
    /// Runs <paramref name="ask"/> for every peer whose arbiter's address is known; never throws for what a peer says
    /// or for a link.
    /// </summary>
    /// <exception cref="RefusedException">This node's own PostgreSQL cannot be asked who the peers are.</exception>
    public async Task<IReadOnlyList<NodeOutcome>> AskAllAsync(
        Func<PeerArbiter, CancellationToken, Task<IReadOnlyList<NodeOutcome>>> ask,
        CancellationToken cancel
    )
    {
        var peers = (await NodesAsync(cancel)).Where(node => !node.IsSelf);
        return
        [
            .. (await Task.WhenAll(peers.Select(peer => AskAsync(peer, ask, cancel))))
                .SelectMany(outcomes => outcomes)
                .OrderBy(outcome => outcome.Node),
        ];
    }

    private static async Task<IReadOnlyList<NodeOutcome>> AskAsync(
        KnownNode peer,
        Func<PeerArbiter, CancellationToken, Task<IReadOnlyList<NodeOutcome>>> ask,
        CancellationToken cancel
    )
    {
        if (!Uri.TryCreate(peer.ArbiterUrl, UriKind.Absolute, out var url))
            return
            [
                new NodeOutcome(
                    peer.Node,
                    Outcome.Unreachable,
                    Detail: $"The address of node {peer.Node}'s arbiter is not known: set PublicURL in its arbiter.ini."
                ),
            ];
        try
        {
            return await ask(new PeerArbiter(peer.Node, url), cancel);
        }
        catch (RefusedException e)
        {
            return
            [
                new NodeOutcome(
                    peer.Node,
                    e.Kind == RefusalKind.Unavailable ? Outcome.Unreachable : Outcome.Refused,
                    Detail: e.Mend is null ? e.Message : $"{e.Message} {e.Mend}"
                ),
            ];
        }
    }

    private async Task<IReadOnlyList<KnownNode>> NodesAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            return await NodeDirectory.ReadAsync(connection, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }
}
