namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>One of a conflict's two versions.</summary>
public enum RowSide
{
    /// <summary>The local version.</summary>
    Local,

    /// <summary>The remote version.</summary>
    Remote,
}
