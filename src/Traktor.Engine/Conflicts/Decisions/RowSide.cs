namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>Which of a conflict's two versions.</summary>
public enum RowSide
{
    /// <summary>The one that was here.</summary>
    Local,

    /// <summary>The one that arrived.</summary>
    Remote,
}
