using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Conflicts.Policies;

/// <summary>A table and how its conflicts are decided.</summary>
public sealed record TablePolicy(string Relation, Policy Policy);

/// <summary>A node's rank under node_priority: the smallest goes first.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="Priority">Its rank.</param>
/// <param name="IsSet">Whether it was set; otherwise it is the NodeID.</param>
public sealed record NodeRank(int Node, int Priority, bool IsSet);

/// <summary>How this node decides conflicts.</summary>
/// <param name="Node">This node.</param>
/// <param name="Policies">The replicaset's tables.</param>
/// <param name="Priorities">The known nodes, the first in rank first.</param>
/// <param name="TracksCommits">Whether <c>track_commit_timestamp</c> is on; without it node_priority stands in for
/// last_update_wins and first_update_wins.</param>
public sealed record PolicyReport(int Node, IReadOnlyList<TablePolicy> Policies, IReadOnlyList<NodeRank> Priorities, bool TracksCommits);

/// <summary>What setting a policy did.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Policy">Its policy now.</param>
/// <param name="Detector">Whether its silent conflicts are looked for now.</param>
/// <param name="Changed">Whether either was otherwise on this node before.</param>
/// <param name="Nodes">What each node did, this one first.</param>
public sealed record PolicyChange(string Relation, Policy Policy, bool Detector, bool Changed, IReadOnlyList<NodeAnswer> Nodes);

/// <summary>What setting the priorities did.</summary>
/// <param name="Priorities">The ranks now.</param>
/// <param name="Changed">Whether they were others on this node before.</param>
/// <param name="Nodes">What each node did, this one first.</param>
public sealed record PriorityChange(IReadOnlyList<NodeRank> Priorities, bool Changed, IReadOnlyList<NodeAnswer> Nodes);
