namespace Traktor.Web.Security.Gates;

/// <summary>Tells the console's paths from the API's: a wrong page gets a page, a wrong call gets problem+json.</summary>
internal static class ConsolePaths
{
    private static readonly string[] Api = ["/v1", "/health", "/metrics", "/openapi.json", "/hubs"];

    public static bool IsConsole(PathString path) =>
        !Array.Exists(Api, p => path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase));
}
