using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Traktor.Documents;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Compares an answer with the page that describes it: the fields at every level and their types with the tables, the
/// shape and the values with the example.
/// </summary>
internal sealed partial class DocumentedAnswer(ApiPage page)
{
    // Numbers, positions and addresses of a run, and sentences for people. Times and measured numbers are told by their
    // type.
    private static readonly string[] Varying =
    [
        "id",
        "conflict",
        "last_id",
        "revision",
        "lsn",
        "xid",
        "connection_string",
        "arbiter_url",
        "server_version_num",
        "lag_bytes",
        "wal_retained_bytes",
        "found",
        "reason",
    ];

    private readonly List<string> differences = [];

    /// <summary>What differs, a line each; nothing when the answer is as documented.</summary>
    /// <param name="page">The page.</param>
    /// <param name="section">The section that describes the answer.</param>
    /// <param name="example">The answer as the page shows it.</param>
    /// <param name="actual">The answer as it came.</param>
    /// <param name="loose">Fields whose values depend on what is quicker.</param>
    public static IReadOnlyList<string> Compare(ApiPage page, string section, string example, string actual, params string[] loose)
    {
        var compared = new DocumentedAnswer(page);
        if (page.Fields(section) is not { } fields)
            return [$"#{section} has no table of fields"];
        var (shown, came) = (JsonNode.Parse(example)!, JsonNode.Parse(actual)!);
        compared.Check("example", shown, fields);
        compared.Check("answer", came, fields);
        if (compared.differences.Count == 0)
            compared.Same("", shown.AsObject(), came.AsObject(), fields, loose);
        return compared.differences;
    }

    private void Check(string path, JsonNode node, IReadOnlyList<ApiField> fields)
    {
        if (node is not JsonObject json)
        {
            differences.Add($"{path} is no object: {node.ToJsonString()}");
            return;
        }

        differences.AddRange(
            json.Select(field => field.Key)
                .Except(fields.Select(field => field.Name))
                .Select(name => $"{path}.{name} has no row in the table")
        );
        foreach (var field in fields)
            if (!json.TryGetPropertyValue(field.Name, out var value))
                differences.Add($"{path}.{field.Name} is missing");
            else if (value is not null)
                Check($"{path}.{field.Name}", value, field.Type);
            else if (field.NullWhen.Length == 0)
                differences.Add($"{path}.{field.Name} is null");
    }

    private void Check(string path, JsonNode value, string type)
    {
        if (ArrayOf(type) is { } element && value is JsonArray array)
            foreach (var (item, at) in array.Select((item, at) => (item!, at)))
                Check($"{path}[{at}]", item, element);
        else if (LinkOf(type) is { } anchor && value is JsonObject)
            Check(path, value, page.Fields(anchor)!);
        else if (!IsPlain(value, type))
            differences.Add($"{path} is no {type}: {value.ToJsonString()}");
    }

    private static bool IsPlain(JsonNode value, string type) =>
        type switch
        {
            "object" => value is JsonObject,
            "object or array" => value is JsonObject or JsonArray,
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.GetValueKind() == JsonValueKind.Number
                && value.ToJsonString().All(sign => char.IsAsciiDigit(sign) || sign == '-'),
            "number" => value.GetValueKind() == JsonValueKind.Number,
            "string" => value.GetValueKind() == JsonValueKind.String,
            "time" => value.GetValueKind() == JsonValueKind.String
                && DateTimeOffset.TryParse((string?)value, CultureInfo.InvariantCulture, out var time)
                && time.Offset == TimeSpan.Zero,
            _ => false,
        };

    private void Same(string path, JsonObject shown, JsonObject came, IReadOnlyList<ApiField> fields, string[] loose)
    {
        foreach (var field in fields)
            if (!Varying.Contains(field.Name) && !loose.Contains(field.Name) && field.Type is not ("time" or "number"))
                Same($"{path}.{field.Name}", shown[field.Name], came[field.Name], field.Type, loose);
    }

    private void Same(string path, JsonNode? shown, JsonNode? came, string type, string[] loose)
    {
        if (shown is JsonArray few && came is JsonArray many)
        {
            if (few.Count > 0 && many.Count == 0)
                differences.Add($"{path} is empty");
            else if (few.Count > 0)
                Same($"{path}[0]", few[0], many[0], ArrayOf(type) ?? type, loose);
        }
        else if (LinkOf(type) is { } anchor && shown is JsonObject one && came is JsonObject other)
            Same(path, one, other, page.Fields(anchor)!, loose);
        else if (!JsonNode.DeepEquals(shown, came))
            differences.Add($"{path} is {came?.ToJsonString() ?? "null"}, not {shown?.ToJsonString() ?? "null"}");
    }

    private static string? ArrayOf(string type) =>
        type.StartsWith("array of ", StringComparison.Ordinal) ? type["array of ".Length..] : null;

    private static string? LinkOf(string type) => Link().Match(type) is { Success: true } link ? link.Groups[1].Value : null;

    [GeneratedRegex(@"^\[[^\]]+\]\(#([a-z0-9-]+)\)$")]
    private static partial Regex Link();
}
