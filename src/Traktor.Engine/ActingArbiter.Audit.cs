using Traktor.Engine.Access;
using Traktor.Engine.Audit;

namespace Traktor.Engine;

public sealed partial class ActingArbiter
{
    /// <summary>A page of the audit log, newest first: the entries of all nodes that have arrived here.</summary>
    public Task<AuditPage> AuditAsync(AuditFilter filter, CancellationToken cancel) =>
        ReadAsync(ArbiterAction.ReadAudit, () => arbiter.auditReader.ReadAsync(filter, cancel));

    /// <summary>Checks the chains of all entries that this node has.</summary>
    public Task<AuditReport> VerifyAuditAsync(CancellationToken cancel) =>
        ReadAsync(ArbiterAction.ReadAudit, () => arbiter.auditVerification.VerifyAsync(cancel));
}
