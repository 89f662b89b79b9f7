namespace Traktor.Web.Security.Gates;

/// <summary>
/// Distinguishes the console's paths from the API's: errors of pages are pages, errors of calls are problem+json.
/// </summary>
internal static class ConsolePaths
{
    private static readonly string[] Api = ["/v1", "/health", "/metrics", "/openapi.json", "/hubs"];

    public static bool IsConsole(PathString path) =>
        !Array.Exists(Api, p => path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase));
}
