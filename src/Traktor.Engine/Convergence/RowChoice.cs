using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence;

/// <summary>A row of this node that all nodes shall adopt, or whose key they shall delete.</summary>
/// <param name="Key">Its key columns as text, a JSON object.</param>
/// <param name="Expected">The stamp that the row must have; null for one that the server has forgotten.</param>
/// <param name="IsDeletion">Whether the row is deleted on all nodes.</param>
/// <param name="After">The version gets a new stamp of this node that is greater than this one; null: it keeps its own,
/// which is the greatest.</param>
public sealed record RowChoice(string Key, Stamp? Expected, bool IsDeletion, Stamp? After);
