using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Binaries;

/// <summary>
/// What is worth keeping between runs: fetched servers and initialised data directories. It is <c>$XDG_CACHE_HOME/traktor</c> or <c>~/.cache/traktor</c>
/// (<c>%LocalAppData%\traktor</c> on Windows). As root it is <c>/var/cache/traktor</c> unless the former can be reached by the account that servers run
/// as: root's home is closed to it.
/// </summary>
internal static class CacheFolder
{
    public static string Path { get; } = Find();

    /// <summary>Makes a folder below the cache that every account may read.</summary>
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

    /// <summary>Keeps other processes, and other calls in this one, from doing the same work at the same time.</summary>
    public static async Task<IDisposable> LockAsync(string name, CancellationToken cancel)
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

        // Whatever the umask is. Another process may have made it meanwhile, as the same user: setting the mode twice does no harm.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, FileModes.Readable);
    }

    private static string Find()
    {
        if (OperatingSystem.IsWindows())
            return System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "traktor");
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var own = System.IO.Path.IsPathRooted(xdg) ? xdg : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        if (Environment.IsPrivilegedProcess && !UnprivilegedAccount.CanBeReachedByOthers(own))
            own = "/var/cache";
        return System.IO.Path.Combine(own, "traktor");
    }
}
