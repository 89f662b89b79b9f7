namespace Traktor.Engine.Audit;

/// <summary>A row of <c>trktr.audit</c> as Dapper reads it.</summary>
internal sealed record AuditRow(
    int NodeId,
    Guid Incarnation,
    long Seq,
    DateTime At,
    long RequestSeq,
    string ActorKind,
    string Actor,
    string Role,
    string? Address,
    string Channel,
    int? ViaNode,
    string Action,
    string? Target,
    string Outcome,
    string? Detail,
    string? StateBefore,
    string? StateAfter,
    byte[] PreviousHash,
    byte[] Hash
)
{
    public static AuditRow Of(AuditEntry entry) =>
        new(
            entry.Node,
            entry.Incarnation,
            entry.Number,
            entry.At.UtcDateTime,
            entry.Request,
            entry.By.Kind,
            entry.By.Name,
            entry.By.Role,
            entry.By.Address,
            entry.By.Channel,
            entry.By.ViaNode,
            entry.Action,
            entry.Target,
            AuditWords.Of(entry.Outcome),
            entry.Detail,
            entry.Before,
            entry.After,
            entry.PreviousHash,
            entry.Hash
        );

    /// <summary>A table's check allows no other outcomes, unless somebody has taken it away.</summary>
    public AuditEntry ToEntry() =>
        new(
            NodeId,
            Incarnation,
            Seq,
            new DateTimeOffset(At),
            RequestSeq,
            new AuditActor(ActorKind, Actor, Role, Address, Channel, ViaNode),
            Action,
            Target,
            AuditWords.OutcomeOf(Outcome) ?? AuditOutcome.Failed,
            Detail,
            StateBefore,
            StateAfter,
            PreviousHash,
            Hash
        );
}
