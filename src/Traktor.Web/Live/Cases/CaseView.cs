using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Live.Cases;

/// <summary>A conflict and its row on all nodes, as they are at one moment.</summary>
/// <param name="Node">The node whose conflict it is.</param>
/// <param name="Case">The conflict and its transaction.</param>
/// <param name="Rows">Both versions, and the row there now.</param>
/// <param name="Nodes">The row, and the conflicts about it, on every known node, ordered by NodeID.</param>
public sealed record CaseView(int Node, ConflictCase Case, ConflictRows Rows, IReadOnlyList<RowOnNode> Nodes)
{
    /// <summary>The conflict.</summary>
    public HistoryEntry Conflict => Case.Conflict;

    /// <summary>Whether it can be decided now.</summary>
    public bool IsOpen => Conflict is { Resolved: null, Decision: null };

    /// <summary>Conflicts about the same row on other nodes.</summary>
    public IEnumerable<(int Node, HistoryEntry Conflict)> Mirrors =>
        from node in Nodes
        where node.Node != Node
        from conflict in node.Conflicts
        select (node.Node, conflict);
}

/// <summary>A row on one node, and the conflicts about it there.</summary>
/// <param name="Node">The node.</param>
/// <param name="Row">The row as it is now; null when that is not known.</param>
/// <param name="Conflicts">The latest conflicts about it there, newest first.</param>
/// <param name="Problem">Why the row is not known, in a sentence; null when it is.</param>
public sealed record RowOnNode(int Node, RowFound? Row, IReadOnlyList<HistoryEntry> Conflicts, string? Problem);
