using System.Text.Json;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>An operator's decision.</summary>
/// <param name="Resolution">What to do.</param>
/// <param name="Row">The columns to write; required with <see cref="Resolution.Merge"/>, not allowed otherwise.</param>
/// <param name="By">Who decides, for the record; null for the actor's name.</param>
/// <param name="Expected">The version of the local row that the operator saw. The decision is refused when the row has
/// changed since. Null skips the check.</param>
public sealed record HandDecision(Resolution Resolution, JsonElement? Row, string? By = null, ExpectedVersion? Expected = null)
{
    /// <summary>The longest name in <see cref="By"/>, in characters.</summary>
    public const int LongestBy = 200;
}
