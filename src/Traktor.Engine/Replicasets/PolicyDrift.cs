using System.Globalization;
using Traktor.Engine.Postgres;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Replicasets;

/// <summary>
/// Finds tables for which this node and a peer have different policies or priorities: they would choose different
/// winners and diverge.
/// </summary>
/// <param name="node">This node.</param>
/// <param name="own">Its policies and priorities.</param>
/// <param name="peers">Those of the peers, as far as known.</param>
public sealed class PolicyDrift(int node, PeerPolicies own, IReadOnlyDictionary<int, PeerPolicies> peers)
{
    private const string NodePriority = "node_priority";

    /// <summary>A finding for every peer that decides this table's conflicts differently.</summary>
    public IEnumerable<Finding> Findings(TableName table)
    {
        if (!own.Tables.TryGetValue(table, out var policy))
            yield break;
        foreach (var (peer, there) in peers.OrderBy(peer => peer.Key))
        {
            if (!there.Tables.TryGetValue(table, out var theirs))
                continue;
            if (theirs != policy)
                yield return new Finding(
                    "policy",
                    Severity.Warning,
                    $"Conflicts of {table} are decided by {policy} on node {node} and by {theirs} on node {peer}: the nodes will diverge.",
                    $"Set the same policy on every node: PUT /v1/arbiter/policy/{table}?scope=mesh with {{\"policy\": \"{policy}\"}}."
                );
            else if (policy == NodePriority && !IsSame(own.Priorities, there.Priorities))
                yield return new Finding(
                    "priority",
                    Severity.Warning,
                    $"Node {node} and node {peer} rank the nodes differently ({Words(own.Priorities)}; "
                        + $"{Words(there.Priorities)}), and conflicts of {table} are decided by {NodePriority}.",
                    "Set the same priorities on every node: PUT /v1/arbiter/priority?scope=mesh."
                );
        }
    }

    private static bool IsSame(IReadOnlyDictionary<int, int> left, IReadOnlyDictionary<int, int> right) =>
        left.Keys.Union(right.Keys).All(id => left.GetValueOrDefault(id, id) == right.GetValueOrDefault(id, id));

    private static string Words(IReadOnlyDictionary<int, int> ranks) =>
        ranks.Count == 0
            ? "all by NodeID"
            : string.Join(
                ", ",
                ranks
                    .OrderBy(rank => rank.Key)
                    .Select(rank => string.Create(CultureInfo.InvariantCulture, $"node {rank.Key}: {rank.Value}"))
            );
}
