using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>Asks all other arbiters of the mesh at once, and describes what could not be done.</summary>
public sealed class MeshArbiters(LocalNode local)
{
    /// <summary>
    /// Runs <paramref name="ask"/> for every peer whose arbiter's address is known. Never throws for a peer's answer or
    /// for a link.
    /// </summary>
    /// <exception cref="RefusedException">This node's own PostgreSQL cannot be asked for the peers.</exception>
    public async Task<IReadOnlyList<NodeAnswer>> AskAllAsync(
        Func<PeerArbiter, CancellationToken, Task<IReadOnlyList<NodeAnswer>>> ask,
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

    private static async Task<IReadOnlyList<NodeAnswer>> AskAsync(
        KnownNode peer,
        Func<PeerArbiter, CancellationToken, Task<IReadOnlyList<NodeAnswer>>> ask,
        CancellationToken cancel
    )
    {
        if (!Uri.TryCreate(peer.ArbiterUrl, UriKind.Absolute, out var url))
            return
            [
                new NodeAnswer(
                    peer.Node,
                    AnswerKind.Unreachable,
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
                new NodeAnswer(
                    peer.Node,
                    e.Kind == RefusalKind.Unavailable ? AnswerKind.Unreachable : AnswerKind.Refused,
                    Detail: e.Hint is null ? e.Message : $"{e.Message} {e.Hint}"
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
