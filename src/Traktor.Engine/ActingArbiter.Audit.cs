using Traktor.Engine.Access;
using Traktor.Engine.Audit;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>A page of the audit log, newest first: the entries of all nodes that have arrived here.</summary>
    public Task<AuditPage> AuditAsync(AuditFilter filter, CancellationToken cancel) =>
        ReadAsync(ArbiterAction.ReadAudit, () => arbiter.auditReader.ReadAsync(filter, cancel));

    /// <summary>
    /// Checks the chains of all entries that this node has; with <paramref name="withOthers"/> also against the copies
    /// that the other nodes have.
    /// </summary>
    public Task<AuditReport> VerifyAuditAsync(bool withOthers, CancellationToken cancel) =>
        ReadAsync(ArbiterAction.ReadAudit, () => arbiter.meshAudit.VerifyAsync(withOthers, Actor, cancel));
}
