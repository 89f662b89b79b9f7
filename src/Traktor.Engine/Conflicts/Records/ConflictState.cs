namespace Traktor.Engine.Conflicts.Records;

/// <summary>Whether a conflict waits.</summary>
public enum ConflictState
{
    /// <summary>It is not resolved yet, whether somebody has decided it or not.</summary>
    Pending,

    /// <summary>It is resolved.</summary>
    Resolved,
}
