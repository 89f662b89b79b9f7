using System.Text.Json;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>
/// The arbiters of other nodes, reached through their REST API for somebody. Every call throws
/// <see cref="RefusedException"/> with the other arbiter's message, or with the reason why it cannot be reached.
/// </summary>
public interface IPeerArbiters
{
    /// <summary>The peer's waiting conflicts of one row.</summary>
    Task<IReadOnlyList<HistoryEntry>> PendingAsync(
        PeerArbiter peer,
        Actor actor,
        string relation,
        JsonElement key,
        CancellationToken cancel
    );

    /// <summary>Decides on the peer, for that node only.</summary>
    Task DecideAsync(PeerArbiter peer, Actor actor, long id, HandDecision decision, CancellationToken cancel);

    /// <summary>
    /// Sets a table's policy on the peer, and whether its silent conflicts are detected; null leaves either unchanged.
    /// </summary>
    Task SetPolicyAsync(PeerArbiter peer, Actor actor, string relation, Policy? policy, bool? detector, CancellationToken cancel);

    /// <summary>Sets the nodes' priorities on the peer.</summary>
    Task SetPrioritiesAsync(PeerArbiter peer, Actor actor, IReadOnlyDictionary<int, int> priorities, CancellationToken cancel);
}

/// <summary>An arbiter and its address.</summary>
public sealed record PeerArbiter(int Node, Uri Url);
