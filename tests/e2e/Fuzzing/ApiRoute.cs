using System.Text.Json.Nodes;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>A call of the OpenAPI document.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Parameters">Of the path and of the query.</param>
/// <param name="Body">The JSON body's schema, references resolved; null when it takes none.</param>
internal sealed record ApiRoute(string Method, string Path, IReadOnlyList<ApiParameter> Parameters, JsonSchema? Body)
{
    public string Name => $"{Method} {Path}";

    /// <summary>All calls of a document.</summary>
    public static IReadOnlyList<ApiRoute> Read(JsonNode document) =>
        [
            .. from path in document["paths"]!.AsObject()
            from operation in path.Value!.AsObject()
            let body = operation.Value!["requestBody"]?["content"]?["application/json"]?["schema"]
            select new ApiRoute(
                operation.Key.ToUpperInvariant(),
                path.Key,
                [
                    .. (operation.Value["parameters"]?.AsArray() ?? []).Select(parameter => new ApiParameter(
                        (string)parameter!["name"]!,
                        (string)parameter["in"]! == "path",
                        JsonSchema.Read(parameter["schema"], document)
                    )),
                ],
                body is null ? null : JsonSchema.Read(body, document)
            ),
        ];
}

/// <summary>A parameter of a call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsInPath">Whether the path holds it, not the query or a header.</param>
/// <param name="Schema">Its type.</param>
internal sealed record ApiParameter(string Name, bool IsInPath, JsonSchema Schema);

/// <summary>What of a JSON schema tells how a fitting value looks.</summary>
/// <param name="Type">integer, string, boolean, object; null for any value.</param>
/// <param name="Words">The values of an enumeration.</param>
/// <param name="Fields">The fields of an object.</param>
internal sealed record JsonSchema(string? Type, IReadOnlyList<string> Words, IReadOnlyDictionary<string, JsonSchema> Fields)
{
    public static JsonSchema Read(JsonNode? schema, JsonNode document)
    {
        if ((string?)schema?["$ref"] is { } reference)
            return Read(document["components"]!["schemas"]![reference[(reference.LastIndexOf('/') + 1)..]], document);
        if ((schema?["oneOf"] ?? schema?["anyOf"]) is JsonArray choices)
            return Read(choices.FirstOrDefault(choice => (string?)choice!["type"] != "null"), document);
        var type = schema?["type"] is JsonArray types ? types.FirstOrDefault(type => (string?)type != "null") : schema?["type"];
        return new JsonSchema(
            (string?)type,
            [.. (schema?["enum"]?.AsArray() ?? []).Select(word => (string?)word).OfType<string>()],
            (schema?["properties"]?.AsObject() ?? []).ToDictionary(field => field.Key, field => Read(field.Value, document))
        );
    }
}
