using System.Runtime.InteropServices;

namespace Traktor.E2ETests.Browser;

/// <summary>
/// Finds a Chromium on this machine, or gets one: the system's package manager where we may use it, else Playwright's
/// own download. Tests never skip for want of one.
/// </summary>
internal static class Chromium
{
    /// <summary>Names the browser's program, before anything else is looked for.</summary>
    public const string Variable = "TRAKTOR_CHROMIUM";

    private static readonly string[] Names =
    [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
        "microsoft-edge",
    ];

    /// <summary>The path of a browser; null when Playwright is to use the one that it installed.</summary>
    public static async Task<string?> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new FileNotFoundException($"{Variable} names a program that does not exist.", named);
        if (OnPath() is { } installed)
            return installed;
        if (await SystemPackage.InstallAsync("chromium") && OnPath() is { } fresh)
            return fresh;
        var code = Microsoft.Playwright.Program.Main(["install", "chromium"]);
        return code == 0
            ? null
            : throw new InvalidOperationException($"No Chromium was found, and none could be installed: set {Variable} to one.");
    }

    private static string? OnPath()
    {
        var suffix = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? ".exe" : "";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name + suffix))).FirstOrDefault(File.Exists);
    }
}
