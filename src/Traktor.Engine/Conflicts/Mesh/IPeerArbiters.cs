using System.Text.Json;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Records;

namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>
/// The arbiters of other nodes, reached by their REST API. Every call throws <see cref="RefusedException"/> with the
/// words of the other arbiter, or with why it cannot be reached.
/// </summary>
public interface IPeerArbiters
{
    /// <summary>What waits there for a decision about one row.</summary>
    Task<IReadOnlyList<HistoryEntry>> PendingAsync(PeerArbiter peer, string relation, JsonElement key, CancellationToken cancel);

    /// <summary>Decides there, about that node alone.</summary>
    Task DecideAsync(PeerArbiter peer, long id, HandDecision decision, CancellationToken cancel);

    /// <summary>Sets a table's policy there, and whether its silent conflicts are looked for; null leaves either as it is.</summary>
    Task SetPolicyAsync(PeerArbiter peer, string relation, Policy? policy, bool? detector, CancellationToken cancel);

    /// <summary>Sets the nodes' priorities there.</summary>
    Task SetPrioritiesAsync(PeerArbiter peer, IReadOnlyDictionary<int, int> priorities, CancellationToken cancel);
}

/// <summary>An arbiter and where it is.</summary>
public sealed record PeerArbiter(int Node, Uri Url);
