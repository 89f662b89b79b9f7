using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traktor.Web.Contracts.Json;

/// <summary>The JSON options of the API for binding, answers and the OpenAPI document.</summary>
internal static class ApiJsonOptions
{
    // Rows may hold deeply nested jsonb.
    private const int MaxDepth = 1000;

    /// <summary>
    /// The options of all answers. Quotes stay readable (\" rather than \u0022): the answers are never part of an HTML
    /// page.
    /// </summary>
    public static ApiJson Wire { get; } =
        new(
            new JsonSerializerOptions(ApiJson.Default.Options)
            {
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                MaxDepth = MaxDepth,
            }
        );

    public static void Apply(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, Wire);
        options.Encoder = Wire.Options.Encoder;
        options.MaxDepth = MaxDepth;
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        foreach (var converter in Wire.Options.Converters)
            options.Converters.Add(converter);
        options.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
    }
}
