namespace Traktor.Engine.Audit;

/// <summary>A page of the audit log, newest first.</summary>
/// <param name="Node">The node that was asked. It has the entries of all nodes, as far as they have arrived.</param>
/// <param name="Entries">The entries.</param>
/// <param name="Next">Where the next page begins; null when this is the last.</param>
public sealed record AuditPage(int Node, IReadOnlyList<AuditEntry> Entries, AuditCursor? Next);
