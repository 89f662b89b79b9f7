using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>Everything a node has about one key when its arbiter processes it.</summary>
/// <param name="Now">This node, and its clock's time with the row locked.</param>
/// <param name="Row">The row, locked; null when there is none. Incomplete if it has a TOASTed value and another node
/// wrote it.</param>
/// <param name="Contested">The key's entry in <c>trktr.contested_key</c>; null when there is none.</param>
/// <param name="Overwrites">Logged overwrites that wait to be processed, in order.</param>
/// <param name="Winners">Winners from other nodes that wait to be processed.</param>
public sealed record KeyState(
    Stamp Now,
    RowVersion? Row,
    ContestedKey? Contested,
    IReadOnlyList<Overwrite> Overwrites,
    IReadOnlyList<RowVersion> Winners
);
