using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Binaries;

/// <summary>
/// Files kept between runs: downloaded servers and initialised data directories. It is <c>$XDG_CACHE_HOME/traktor</c>
/// or <c>~/.cache/traktor</c> (<c>%LocalAppData%\traktor</c> on Windows). For root it is <c>/var/cache/traktor</c>,
/// unless the account that runs the servers can read the former, which it usually cannot in root's home.
/// </summary>
internal static class CacheFolder
{
    public static string Path { get; } = Find();

    /// <summary>Creates a folder in the cache that every account may read.</summary>
    public static string Make(params string[] names)
    {
        var folder = Path;
        MakeReadable(folder);
        foreach (var name in names)
        {
            folder = System.IO.Path.Combine(folder, name);
            MakeReadable(folder);
        }

        return folder;
    }

    /// <summary>
    /// Builds a folder of the cache unless it exists. Only one process builds it at a time, in a temporary folder that
    /// is renamed at the end: no process sees an incomplete folder, and what a killed builder left is removed.
    /// </summary>
    /// <param name="folder">The folder, inside one that <see cref="Make"/> created.</param>
    /// <param name="build">Builds it in the given folder, which does not exist yet.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task BuildOnceAsync(string folder, Func<string, Task> build, CancellationToken cancel)
    {
        if (Directory.Exists(folder))
            return;
        var name = System.IO.Path.GetFileName(folder);
        using var alone = await LockAsync(name, cancel);
        if (Directory.Exists(folder))
            return;

        var building = folder + ".building";
        if (Directory.Exists(building))
            Directory.Delete(building, recursive: true);
        await build(building);
        Directory.Move(building, folder);
    }

    private static async Task<FileStream> LockAsync(string name, CancellationToken cancel)
    {
        var file = System.IO.Path.Combine(Make("locks"), name);
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                await Task.Delay(50, cancel);
            }
        }
    }

    private static void MakeReadable(string folder)
    {
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(folder);

        // Independent of the umask. Another process may have created it meanwhile, as the same user: setting the mode
        // twice is harmless.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, FileModes.Readable);
    }

    private static string Find()
    {
        if (OperatingSystem.IsWindows())
            return System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "traktor");
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var own = System.IO.Path.IsPathRooted(xdg)
            ? xdg
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        if (Environment.IsPrivilegedProcess && !UnprivilegedAccount.CanBeReachedByOthers(own))
            own = "/var/cache";
        return System.IO.Path.Combine(own, "traktor");
    }
}
