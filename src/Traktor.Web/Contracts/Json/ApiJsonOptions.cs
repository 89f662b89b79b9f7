using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traktor.Web.Contracts.Json;

/// <summary>The API's JSON in the form that ASP.NET binds, answers and describes with.</summary>
internal static class ApiJsonOptions
{
    // Images of rows hold what users keep in jsonb.
    private const int MaxDepth = 1000;

    /// <summary>
    /// What everything is written with. Quotes in a sentence stay readable (\" rather than \u0022): the answers are never part of a page.
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
