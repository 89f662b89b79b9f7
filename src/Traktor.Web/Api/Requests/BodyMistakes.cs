using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// All mistakes of a JSON object against its contract, each as a clause; a deserializer stops at the first. The
/// contract is the deserializer's own description, so that both know the same fields.
/// </summary>
internal static class BodyMistakes
{
    private const int LongestName = 40;

    public static IEnumerable<string> Of(JsonElement body, JsonTypeInfo contract, string path = "")
    {
        var fields = contract.Properties.ToDictionary(field => field.Name, StringComparer.Ordinal);
        // Asking the body for a field by its name would throw where another field's name is not valid Unicode text.
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sent in body.EnumerateObject())
            if (JsonText.TryRead(() => sent.Name) is not { } name)
                yield return "the name of a field is not valid Unicode text";
            else if (!fields.TryGetValue(name, out var field))
                yield return $"the field '{path}{(name.Length > LongestName ? name[..LongestName] + "…" : name)}' is unknown";
            else
            {
                present.Add(name);
                foreach (var mistake in Of(sent.Value, field, contract.Options, path + name))
                    yield return mistake;
            }

        foreach (var field in contract.Properties)
            if (field.AssociatedParameter is { HasDefaultValue: false } && !present.Contains(field.Name))
                yield return $"the field '{path}{field.Name}' is missing";
    }

    /// <summary>A JSON value's kind in words.</summary>
    public static string Words(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "a boolean",
            _ => "null",
        };

    private static IEnumerable<string> Of(JsonElement value, JsonPropertyInfo field, JsonSerializerOptions options, string path)
    {
        var type = Nullable.GetUnderlyingType(field.PropertyType);
        var isNullable = type is not null || field.IsSetNullable;
        type ??= field.PropertyType;
        if (value.ValueKind == JsonValueKind.Null && isNullable)
            return [];
        return field.AttributeProvider?.IsDefined(typeof(AnyJsonAttribute), inherit: true) == true
            ? Storable(value, path)
            : Of(value, type, options, path);
    }

    private static IEnumerable<string> Of(JsonElement value, Type type, JsonSerializerOptions options, string path)
    {
        if (value.ValueKind != KindOf(type) && type != typeof(bool))
            return [$"the field '{path}' must be {Words(KindOf(type))}, not {Words(value.ValueKind)}"];
        if (ElementOf(type) is { } element)
            return value.EnumerateArray().SelectMany((one, i) => Of(one, element, options, $"{path}[{i}]"));
        if (KindOf(type) != JsonValueKind.Object)
            return Scalar(value, type) is { } wanted ? [$"the field '{path}' {wanted}"] : [];
        if (type == typeof(JsonElement))
            return Storable(value, path);
        var contract = options.GetTypeInfo(type);
        return contract.Kind == JsonTypeInfoKind.Dictionary ? Entries(value, contract.ElementType!, path) : Of(value, contract, path + ".");
    }

    private static IEnumerable<string> Storable(JsonElement value, string path) =>
        JsonText.IsStorable(value) ? [] : [$"the field '{path}' holds a character that PostgreSQL cannot store"];

    private static IEnumerable<string> Entries(JsonElement value, Type type, string path) =>
        from entry in value.EnumerateObject()
        let name = JsonText.TryRead(() => entry.Name)
        let wrong = name is null ? "has a name that is not valid Unicode text" : Scalar(entry.Value, type)
        where wrong is not null
        select $"the field '{path}{(name is null ? "" : "." + (name.Length > LongestName ? name[..LongestName] + "…" : name))}' {wrong}";

    /// <summary>What a value must be; null when it fits.</summary>
    private static string? Scalar(JsonElement value, Type type)
    {
        if (type == typeof(bool))
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "must be true or false";
        if (type == typeof(int))
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _) ? null : "must be an integer";
        if (type == typeof(long))
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? null : "must be an integer";
        var text = JsonText.TryRead(() => value.GetString()!);
        if (type == typeof(DateTimeOffset))
            return UtcTimeJson.TryRead(text, out _) ? null : "must be an ISO 8601 time";
        if (type == typeof(Guid))
            return value.TryGetGuid(out _) ? null : "must be a UUID";
        if (type.IsEnum)
        {
            var words = Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).ToList();
            return text is not null && words.Contains(text) ? null : $"must be one of {string.Join(", ", words)}";
        }

        return text is null ? "is not valid Unicode text" : null;
    }

    private static JsonValueKind KindOf(Type type) =>
        type == typeof(int) || type == typeof(long) ? JsonValueKind.Number
        : type == typeof(bool) ? JsonValueKind.True
        : type == typeof(string) || type == typeof(DateTimeOffset) || type == typeof(Guid) || type.IsEnum ? JsonValueKind.String
        : ElementOf(type) is not null ? JsonValueKind.Array
        : JsonValueKind.Object;

    /// <summary>The type of a list's elements; null when it is none.</summary>
    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
}
