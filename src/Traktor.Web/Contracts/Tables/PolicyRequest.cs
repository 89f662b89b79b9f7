using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Traktor.Engine.Conflicts;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Tables;

/// <summary>A policy to set, or whether silent conflicts are detected, or both.</summary>
/// <param name="Policy">The policy; null leaves it as it is.</param>
/// <param name="Detector">Whether silent conflicts of the table are detected; null leaves it as it is.</param>
internal sealed record PolicyRequest(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Policy? Policy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Detector = null
) : IRequest, IValidatableObject
{
    public static string Wanted => "Send {\"policy\": \"last_update_wins\"}, or {\"detector\": false}, or both.";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Policy is null && Detector is null)
            yield return new ValidationResult("one of the fields 'policy' and 'detector' is required");
    }
}
