using Traktor.Engine.Nodes;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Monitoring;

/// <summary>The mesh as this node sees it.</summary>
/// <param name="Node">This node.</param>
/// <param name="Nodes">The nodes it knows.</param>
/// <param name="Inbound">What it receives.</param>
/// <param name="Outbound">Who receives from it, read from its own replication slots.</param>
public sealed record MeshStatus(int Node, IReadOnlyList<KnownNode> Nodes, IReadOnlyList<SubscriptionStatus> Inbound, IReadOnlyList<Subscriber> Outbound);

/// <summary>A peer that receives from this node.</summary>
/// <param name="Node">The peer.</param>
/// <param name="Slot">Its replication slot here.</param>
/// <param name="IsActive">Whether it is connected now.</param>
/// <param name="WalRetainedBytes">Bytes of WAL kept for it here.</param>
/// <param name="LagBytes">Bytes of WAL that it has not confirmed.</param>
/// <param name="LagMs">Milliseconds it is behind, as it last replied; null when not connected.</param>
public sealed record Subscriber(int Node, string Slot, bool IsActive, long? WalRetainedBytes, long? LagBytes, double? LagMs);

/// <summary>The result of a preflight: what was looked at on this node's server and on its peers.</summary>
/// <param name="Node">This node.</param>
/// <param name="IsReady">Whether nothing of it is an error.</param>
/// <param name="Findings">All checks, the good ones too.</param>
public sealed record PreflightReport(int Node, bool IsReady, IReadOnlyList<Finding> Findings);
