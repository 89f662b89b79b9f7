using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Conflicts;

/// <summary>A decision by hand.</summary>
/// <param name="Resolution">The decision.</param>
/// <param name="Row">The columns to write, with merge: the key's as they are; columns that are left out keep their
/// values.</param>
/// <param name="Scope">mesh (default): conflicts of the same row on all nodes; node: this node only.</param>
/// <param name="By">Who decides, for the record; without it the caller's name.</param>
/// <param name="Expected">The version of the local row that the caller has seen; 409 when the row is another one by
/// now. Without it any version is accepted.</param>
internal sealed record ResolutionBody(
    Resolution Resolution,
    JsonElement? Row = null,
    Scope? Scope = null,
    [property: TextLength(HandDecision.LongestBy)] string? By = null,
    ExpectedRow? Expected = null
) : IRequest, IValidatableObject
{
    public static string Wanted =>
        "Send {\"resolution\": \"keep_local\"}, or apply_remote, newest, or merge with \"row\": {columns}; "
        + "\"scope\": \"mesh\" or \"node\", \"expected\": {\"stamp\", \"origin\"} and \"by\" are optional.";

    public static int MaxDepth => 64;

    public static ResolutionBody Of(HandDecision decision, Scope scope) =>
        new(decision.Resolution, decision.Row, scope, decision.By, ExpectedRow.Of(decision.Expected));

    public HandDecision ToDecision() => new(Resolution, Row, By, Expected?.ToVersion());

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Resolution == Resolution.Merge && Row is null)
            yield return new ValidationResult("the field 'row' is required with merge");
        if (Resolution != Resolution.Merge && Row is not null)
            yield return new ValidationResult("the field 'row' is allowed only with merge");
    }
}
