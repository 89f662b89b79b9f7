using System.Globalization;

namespace Traktor.Sandbox.Machine;

/// <summary>The account that runs the servers for root, because PostgreSQL does not run as root.</summary>
internal sealed record UnprivilegedAccount(string Name, uint Uid, uint Gid)
{
    /// <summary>
    /// Null when this process is not root (or on Windows, where pg_ctl drops the privileges itself), so that servers
    /// run as its user.
    /// </summary>
    /// <exception cref="SandboxException">This process is root, and the machine has neither a <c>postgres</c> nor a
    /// <c>nobody</c> account.</exception>
    public static UnprivilegedAccount? ForServers()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return null;
        var lines = File.ReadAllLines("/etc/passwd");
        return Find(lines, "postgres")
            ?? Find(lines, "nobody")
            ?? throw new SandboxException(
                "PostgreSQL does not run as root, and this machine has neither a 'postgres' nor a 'nobody' account to run it. Add "
                    + "one, or run as another user."
            );
    }

    /// <summary>
    /// Makes the server's account the owner of a file or folder; does nothing when servers run as this user.
    /// </summary>
    public static void Give(string path, UnprivilegedAccount? account)
    {
        if (account is not null)
            Libc.ChangeOwner(path, account);
    }

    /// <summary>
    /// Whether other accounts can enter every folder on the way to <paramref name="path"/>, which is usually not so in
    /// root's home. Folders that do not exist yet will be accessible.
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
            // macOS writes the id of nobody as -2.
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
