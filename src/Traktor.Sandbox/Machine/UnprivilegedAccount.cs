using System.Globalization;

namespace Traktor.Sandbox.Machine;

/// <summary>The account that servers run as when we are root, because PostgreSQL refuses to.</summary>
internal sealed record UnprivilegedAccount(string Name, uint Uid, uint Gid)
{
    /// <summary>
    /// Null when we are not root (or on Windows, where pg_ctl gives up the privileges itself) and servers run as
    /// ourselves.
    /// </summary>
    /// <exception cref="SandboxException">We are root and the machine knows neither <c>postgres</c> nor
    /// <c>nobody</c>.</exception>
    public static UnprivilegedAccount? ForServers()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return null;
        var lines = File.ReadAllLines("/etc/passwd");
        return Find(lines, "postgres")
            ?? Find(lines, "nobody")
            ?? throw new SandboxException(
                "PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor 'nobody' to run it as. Add "
                    + "one, or run as another user."
            );
    }

    /// <summary>Gives a file or folder to the account of the server; does nothing when servers run as ourselves.</summary>
    public static void Give(string path, UnprivilegedAccount? account)
    {
        if (account is not null)
            Libc.ChangeOwner(path, account);
    }

    /// <summary>
    /// Whether any account can pass through every folder on the way to <paramref name="path"/>: root's home, for one,
    /// is closed to all others. Folders that do not exist yet are ours to make, and open.
    /// </summary>
    public static bool CanBeReachedByOthers(string path)
    {
        if (OperatingSystem.IsWindows())
            return true;
        for (var folder = new DirectoryInfo(Path.GetFullPath(path)); folder is not null; folder = folder.Parent)
        {
            if (folder.Exists && !folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }

        return true;
    }

    internal static UnprivilegedAccount? Find(IEnumerable<string> passwd, string name)
    {
        foreach (var line in passwd)
        {
            // macOS writes nobody's id as -2.
            if (
                line.Split(':') is [var found, _, var uid, var gid, ..]
                && found == name
                && int.TryParse(uid, CultureInfo.InvariantCulture, out var user)
                && int.TryParse(gid, CultureInfo.InvariantCulture, out var group)
            )
                return new UnprivilegedAccount(name, unchecked((uint)user), unchecked((uint)group));
        }

        return null;
    }
}
