namespace Traktor.Web.Security.Keys;

/// <summary>Marks endpoints that need the API key; the OpenAPI document shows it.</summary>
public sealed class NeedsApiKey
{
    public static NeedsApiKey Instance { get; } = new();
}
