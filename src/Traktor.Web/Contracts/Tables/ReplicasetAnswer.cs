using Traktor.Engine.Replicasets;

namespace Traktor.Web.Contracts.Tables;

/// <summary>The tables of this node's replicaset.</summary>
/// <param name="Node">This node.</param>
/// <param name="Replicaset">The tables, those staged included.</param>
public sealed record ReplicasetAnswer(int Node, IReadOnlyList<ReplicasetTable> Replicaset);
