using Traktor.Engine.Conflicts;
using Traktor.Engine.Convergence.Rules;
using Traktor.Engine.Heartbeats;

namespace Traktor.UnitTests.Engine.Convergence;

/// <summary>A transaction in a node's stream.</summary>
/// <param name="Stamp">Its commit.</param>
/// <param name="Changes">Changes of rows.</param>
/// <param name="Winners">Rows of trktr.winner.</param>
/// <param name="Seq">Number of the heartbeat that it is; 0 when it is none.</param>
/// <param name="Vector">What the heartbeat says.</param>
/// <param name="Keys">The keys that it changes, a bit each.</param>
internal sealed record SimulatedTransaction(
    Stamp Stamp,
    IReadOnlyList<SimulatedChange> Changes,
    IReadOnlyList<(int Key, RowVersion Version)> Winners,
    long Seq,
    NodeVector? Vector,
    int Keys
);

/// <summary>A change of a row: I insert, U update, D delete, K update that changes the key.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Key of the row that it looks for.</param>
/// <param name="NewKey">Key of the row that it leaves.</param>
/// <param name="Value">What it writes into the small column.</param>
/// <param name="Large">What it writes into the large column; <see cref="Unchanged"/> when it is not sent.</param>
internal readonly record struct SimulatedChange(char Kind, int Key, int NewKey, char Value, char Large)
{
    /// <summary>The row has no large value.</summary>
    public const char None = '-';

    /// <summary>The large value is not sent, since the update left it alone.</summary>
    public const char Unchanged = '=';
}
