using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Conflicts.Policies;

/// <summary>A table and how its conflicts are decided.</summary>
public sealed record TablePolicy(string Relation, Policy Policy);

/// <summary>A node's rank under node_priority; the smallest wins.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="Priority">Its rank.</param>
/// <param name="IsSet">Whether it was set; otherwise it is the NodeID.</param>
public sealed record NodeRank(int Node, int Priority, bool IsSet);

/// <summary>How this node decides conflicts.</summary>
/// <param name="Node">This node.</param>
/// <param name="Policies">The replicaset's tables.</param>
/// <param name="Priorities">The known nodes by rank.</param>
/// <param name="TracksCommits">Whether <c>track_commit_timestamp</c> is on; without it node_priority replaces
/// last_update_wins and first_update_wins.</param>
public sealed record PolicyReport(int Node, IReadOnlyList<TablePolicy> Policies, IReadOnlyList<NodeRank> Priorities, bool TracksCommits);

/// <summary>The result of setting a policy.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Policy">Its policy now.</param>
/// <param name="Detector">Whether its silent conflicts are detected now.</param>
/// <param name="Changed">Whether this changed anything on this node.</param>
/// <param name="Nodes">What each node did, this one first.</param>
public sealed record PolicyChange(string Relation, Policy Policy, bool Detector, bool Changed, IReadOnlyList<NodeAnswer> Nodes);

/// <summary>The result of setting priorities.</summary>
/// <param name="Priorities">The ranks now.</param>
/// <param name="Changed">Whether this changed anything on this node.</param>
/// <param name="Nodes">What each node did, this one first.</param>
public sealed record PriorityChange(IReadOnlyList<NodeRank> Priorities, bool Changed, IReadOnlyList<NodeAnswer> Nodes);
