using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;

namespace Traktor.Engine.Audit.Mesh;

/// <summary>Has a node check the audit log that its database has, through its arbiter.</summary>
public interface IPeerAudits
{
    /// <summary>What the peer's check found, without asking others, for somebody.</summary>
    Task<AuditReport> VerifyAsync(PeerArbiter peer, Actor actor, CancellationToken cancel);
}
