using Traktor.Web.Live.Tables;

namespace Traktor.Web.Components.Tables;

/// <summary>Where a table stands, in a sign and words; the colour only repeats it.</summary>
internal static class CellWords
{
    public static string Of(CellState state) =>
        state switch
        {
            CellState.Committed => "✓ committed",
            CellState.PendingAdd => "+ pending add",
            CellState.Opening => "… waits for peers",
            CellState.PendingRemove => "− pending remove",
            CellState.NotAdded => "○ not added",
            CellState.Missing => "✕ missing",
            CellState.Differs => "≠ schema differs",
            _ => "? not known",
        };

    public static string Class(CellState state) =>
        state switch
        {
            CellState.Committed => "traktor-good",
            CellState.Missing or CellState.Differs => "traktor-problem",
            CellState.NotAdded or CellState.Unknown => "traktor-faint",
            _ => "traktor-waiting",
        };
}
