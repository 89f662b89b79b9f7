namespace Traktor.Engine.Audit;

/// <summary>How an action stands that the audit log has.</summary>
public enum AuditOutcome
{
    /// <summary>It was asked for and began. If no entry follows, the arbiter ended before the action did.</summary>
    Requested,

    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was refused, and the target is as it was unless the detail says otherwise.</summary>
    Refused,

    /// <summary>It failed, or the caller went away.</summary>
    Failed,

    /// <summary>The actor's role did not allow it.</summary>
    Denied,
}
