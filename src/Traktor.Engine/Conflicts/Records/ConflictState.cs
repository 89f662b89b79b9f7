namespace Traktor.Engine.Conflicts.Records;

/// <summary>Whether a conflict is resolved.</summary>
public enum ConflictState
{
    /// <summary>It is not resolved yet, whether decided or not.</summary>
    Pending,

    /// <summary>It is resolved.</summary>
    Resolved,
}
