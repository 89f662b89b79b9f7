using Traktor.Engine;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;

namespace Traktor.Web.Live;

/// <summary>What the first page shows of this node.</summary>
/// <param name="Status">The status, never older than the engine's last look.</param>
/// <param name="Tables">The replicaset; null when it is not known yet or could not be asked for.</param>
/// <param name="Findings">What preflight found amiss; null when it is not known yet.</param>
public sealed record NodeView(NodeStatus Status, IReadOnlyList<ReplicasetTable>? Tables, IReadOnlyList<Finding>? Findings);
