namespace Traktor.Engine.Conflicts.Mesh;

/// <summary>The result of a request to the whole mesh, on one node.</summary>
public enum AnswerKind
{
    /// <summary>The node did it.</summary>
    Done,

    /// <summary>The node had nothing to do.</summary>
    Nothing,

    /// <summary>The node refused; the detail is its message.</summary>
    Refused,

    /// <summary>Its arbiter could not be reached.</summary>
    Unreachable,
}

/// <summary>What one node did.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="Result">The result.</param>
/// <param name="Conflict">The conflict's number on that node; null where no conflict is concerned.</param>
/// <param name="Decision">The decision on that node; null where there is none.</param>
/// <param name="Detail">Details, as a sentence, or null.</param>
public sealed record NodeAnswer(int Node, AnswerKind Result, long? Conflict = null, Resolution? Decision = null, string? Detail = null);

/// <summary>The result of a decision.</summary>
/// <param name="Node">This node.</param>
/// <param name="Conflict">The conflict just after the decision. It is applied when all conflicts of its transaction are
/// decided.</param>
/// <param name="Undecided">Ids of the transaction's other conflicts that need a decision.</param>
/// <param name="Nodes">What each node did, this one first; only this one if the decision was for it alone.</param>
public sealed record DecisionReport(
    int Node,
    Records.HistoryEntry Conflict,
    IReadOnlyList<long> Undecided,
    IReadOnlyList<NodeAnswer> Nodes
);
