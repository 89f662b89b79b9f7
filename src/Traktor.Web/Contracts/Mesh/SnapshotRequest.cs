using Traktor.Engine.Joining;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Mesh;

/// <summary>A snapshot to export.</summary>
/// <param name="Positions">What this node must have applied of others.</param>
internal sealed record SnapshotRequest(IReadOnlyList<NodePosition> Positions) : IRequest
{
    public static string Wanted => "Send {\"positions\": [{\"node\": <NodeID>, \"lsn\": \"0/0\"}]}.";
}
