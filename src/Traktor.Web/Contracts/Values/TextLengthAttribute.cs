using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Traktor.Web.Contracts.Values;

/// <summary>A text that is not blank and not too long; or null.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextLengthAttribute(int longest) : ValidationAttribute
{
    public override bool IsValid(object? value) =>
        value is null || (value is string text && text.Length <= longest && !string.IsNullOrWhiteSpace(text));

    public override string FormatErrorMessage(string name) =>
        $"the field '{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}' must be a text of 1 to {longest} characters";
}
