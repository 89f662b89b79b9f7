using System.Text.Json;

namespace Traktor.Web.Api;

/// <summary>The API's JSON in the form that ASP.NET binds, answers and describes with.</summary>
internal static class ApiJsonOptions
{
    public static void Apply(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.Converters.Add(new TableStateJson());
        options.Converters.Add(new SubscriptionStateJson());
        options.Converters.Add(new SeverityJson());
        options.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
    }
}
