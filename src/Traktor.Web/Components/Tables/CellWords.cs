using Traktor.Web.Live.Tables;

namespace Traktor.Web.Components.Tables;

/// <summary>The state of a table as a sign and words; colour is never the only difference.</summary>
internal static class CellWords
{
    public static string Of(CellState state) =>
        state switch
        {
            CellState.Committed => "✓ committed",
            CellState.NeedsResync => "≠ committed, needs resync",
            CellState.PendingAdd => "+ pending add",
            CellState.Opening => "… waiting for peers",
            CellState.PendingRemove => "− pending remove",
            CellState.NotAdded => "○ not added",
            CellState.Missing => "✕ missing",
            CellState.Differs => "≠ schema differs",
            _ => "? unknown",
        };

    public static string Class(CellState state) =>
        state switch
        {
            CellState.Committed => "traktor-good",
            CellState.Missing or CellState.Differs or CellState.NeedsResync => "traktor-problem",
            CellState.NotAdded or CellState.Unknown => "traktor-faint",
            _ => "traktor-waiting",
        };
}
