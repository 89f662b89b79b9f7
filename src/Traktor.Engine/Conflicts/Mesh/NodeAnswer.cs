namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>How a node took part in something that was asked of the whole mesh.</summary>
public enum AnswerKind
{
    /// <summary>It did it.</summary>
    Done,

    /// <summary>There was nothing to do for it.</summary>
    Nothing,

    /// <summary>It would not; the detail is what it said.</summary>
    Refused,

    /// <summary>Its arbiter could not be reached.</summary>
    Unreachable,
}

/// <summary>What one node did.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="Result">How it went.</param>
/// <param name="Conflict">The conflict's number on that node; null where it is not about one.</param>
/// <param name="Decision">What was decided there; null where nothing was.</param>
/// <param name="Detail">More in a sentence, or null.</param>
public sealed record NodeAnswer(int Node, AnswerKind Result, long? Conflict = null, Resolution? Decision = null, string? Detail = null);

/// <summary>What a decision did.</summary>
/// <param name="Node">This node.</param>
/// <param name="Conflict">The conflict as it was just after the decision; it is applied when all conflicts of its
/// transaction are decided.</param>
/// <param name="Undecided">Ids of the same transaction's other conflicts that nobody has decided.</param>
/// <param name="Nodes">What each node of the mesh did, this one first; only this one when it alone was asked.</param>
public sealed record DecisionReport(
    int Node,
    Records.HistoryEntry Conflict,
    IReadOnlyList<long> Undecided,
    IReadOnlyList<NodeAnswer> Nodes
);
