using Traktor.Engine.Audit.Mesh;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Joining;

namespace Traktor.Engine;

/// <summary>What an arbiter asks the other arbiters of its mesh for.</summary>
/// <param name="Conflicts">Conflicts, decisions and policies.</param>
/// <param name="Rows">Rows, to compare them.</param>
/// <param name="Repairs">Announcements of rows.</param>
/// <param name="Proofs">To note which tables are equal.</param>
/// <param name="Audits">What they have of the audit log.</param>
/// <param name="Joins">To take part in a join.</param>
public sealed record OtherArbiters(
    IPeerArbiters Conflicts,
    IPeerRows Rows,
    IPeerRepairs Repairs,
    IPeerProofs Proofs,
    IPeerAudits Audits,
    IJoinPeers Joins
);
