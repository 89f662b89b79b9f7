namespace Traktor.Web.Api;

/// <summary>
/// Tells the OpenAPI document what an operation's body is. ASP.NET's own metadata for that would make routing answer 415 by itself,
/// without a sentence and before the API key is asked for.
/// </summary>
public sealed record TakesJson(Type Type);
