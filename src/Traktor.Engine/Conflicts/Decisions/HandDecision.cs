using System.Text.Json;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>A decision by hand.</summary>
/// <param name="Resolution">What to do.</param>
/// <param name="Row">The columns to write; only with <see cref="Resolution.Merge"/>, and then needed.</param>
/// <param name="By">Who decides, for the record.</param>
/// <param name="Expected">The version of the local row that was looked at; the decision is refused when the row is
/// another by then. Null when that does not matter.</param>
public sealed record HandDecision(Resolution Resolution, JsonElement? Row, string By, ExpectedVersion? Expected = null)
{
    /// <summary>Who decides when nobody says.</summary>
    public const string Anonymous = "by hand";

    /// <summary>The longest name of who decides, in characters.</summary>
    public const int LongestBy = 200;
}
