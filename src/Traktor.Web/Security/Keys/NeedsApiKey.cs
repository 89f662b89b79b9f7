namespace Traktor.Web.Security.Keys;

/// <summary>Marks endpoints that answer only with the API key; the OpenAPI document tells so too.</summary>
public sealed class NeedsApiKey
{
    public static NeedsApiKey Instance { get; } = new();
}
