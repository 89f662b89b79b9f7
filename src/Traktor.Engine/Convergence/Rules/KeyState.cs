using Traktor.Engine.Conflicts;

namespace Traktor.Engine.Convergence.Rules;

/// <summary>All that a node has of one key when its arbiter comes to it.</summary>
/// <param name="Now">This node, and the time by its clock with the row locked.</param>
/// <param name="Row">The row, locked; null when there is none. Partial when it has a large value and was written elsewhere.</param>
/// <param name="Contested">What is remembered of it; null when nothing is.</param>
/// <param name="Overwrites">Changes that hit it and wait to be looked at, in their order.</param>
/// <param name="Winners">What other nodes said of it and waits to be looked at.</param>
public sealed record KeyState(
    Stamp Now,
    RowVersion? Row,
    ContestedKey? Contested,
    IReadOnlyList<Overwrite> Overwrites,
    IReadOnlyList<RowVersion> Winners
);
