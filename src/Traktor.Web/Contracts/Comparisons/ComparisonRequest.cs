using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Traktor.Engine.Comparisons;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Comparisons;

/// <summary>A comparison to start.</summary>
/// <param name="Tables">An array of schema.table, or all.</param>
/// <param name="Nodes">An array of NodeIDs, or all.</param>
/// <param name="Share">How much of the servers' time it may take, in per cent.</param>
internal sealed record ComparisonRequest(
    [property: AnyJson] JsonElement? Tables = null,
    [property: AnyJson] JsonElement? Nodes = null,
    int Share = 100
) : IRequest, IValidatableObject
{
    private const string All = "all";

    public static string Wanted => "Send {\"tables\": \"all\", \"nodes\": \"all\"}, or arrays of tables and of NodeIDs.";

    public static bool IsOptional => true;

    public static ComparisonRequest Of(ComparisonOrder order) =>
        new(
            order.Tables is null ? null : JsonSerializer.SerializeToElement(order.Tables),
            order.Nodes is null ? null : JsonSerializer.SerializeToElement(order.Nodes),
            order.Share
        );

    public ComparisonOrder ToOrder() =>
        new(
            IsAll(Tables) ? null : [.. Tables!.Value.EnumerateArray().Select(table => table.GetString()!)],
            IsAll(Nodes) ? null : [.. Nodes!.Value.EnumerateArray().Select(node => node.GetInt32())],
            Share
        );

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsAll(Tables) && !IsArray(Tables!.Value, table => table.ValueKind == JsonValueKind.String && JsonText.IsStorable(table)))
            yield return new ValidationResult("the field 'tables' must be \"all\" or an array of texts");
        if (!IsAll(Nodes) && !IsArray(Nodes!.Value, node => node.ValueKind == JsonValueKind.Number && node.TryGetInt32(out _)))
            yield return new ValidationResult("the field 'nodes' must be \"all\" or an array of whole numbers");
    }

    private static bool IsAll(JsonElement? value) =>
        value is null or { ValueKind: JsonValueKind.Null }
        || (value.Value.ValueKind == JsonValueKind.String && JsonText.TryRead(() => value.Value.GetString()!) == All);

    private static bool IsArray(JsonElement value, Func<JsonElement, bool> fits) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(fits);
}
