using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace Traktor.E2ETests.Fuzzing;

/// <summary>A call of the OpenAPI document.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Parameters">Of the path and of the query.</param>
/// <param name="Body">The JSON body's schema, references resolved; null when it takes none.</param>
internal sealed record ApiRoute(string Method, string Path, IReadOnlyList<ApiParameter> Parameters, JsonSchema? Body)
{
    /// <summary>The fields of its form; empty when it takes none.</summary>
    public IReadOnlyList<string> Form { get; init; } = [];

    public string Name => $"{Method} {Path}";

    /// <summary>
    /// What is not in the document because it is the console's: the forms, the way to a provider and back, the
    /// negotiation of hubs and circuits, pages and the export.
    /// </summary>
    public static IReadOnlyList<ApiRoute> OfConsole { get; } =
    [
        Get("/sign-in", "return", "link", "openid"),
        Post("/sign-in", "form-token", "key", "name", "password", "link", "return"),
        Post("/sign-out", "form-token"),
        Get("/sign-in/openid", "return"),
        Get("/sign-in/openid/callback", "code", "state", "error", "error_description", "iss"),
        new("POST", "/sign-in/openid/callback", [], null) { Form = ["code", "state", "error"] },
        .. Pages.Select(page => Get(page, "state", "view", "relation", "node", "key", "action", "outcome")),
        Get("/conflicts/export", "relation", "state", "node", "format"),
        Get("/audit/export", "node", "actor", "action", "outcome", "format"),
        Post("/hubs/conflicts/negotiate"),
        Get("/hubs/conflicts", "access_token", "id"),
        Post("/_blazor/negotiate"),
        Post("/_blazor/disconnect", "circuitId"),
        Get("/docs"),
        Get("/openapi.json"),
    ];

    /// <summary>The paths of all pages, with 0 for each parameter.</summary>
    private static IEnumerable<string> Pages =>
        from type in typeof(Web.Components.App).Assembly.GetTypes()
        from route in type.GetCustomAttributes<RouteAttribute>()
        select Regex.Replace(route.Template, @"\{[^}]*\}", "0");

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

    private static ApiRoute Get(string path, params string[] query) =>
        new(
            "GET",
            path,
            [
                .. query.Select(name => new ApiParameter(
                    name,
                    IsInPath: false,
                    new JsonSchema("string", [], new Dictionary<string, JsonSchema>())
                )),
            ],
            null
        );

    private static ApiRoute Post(string path, params string[] form) => new("POST", path, [], null) { Form = form };
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
