using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.Sandbox.Cleanup;

/// <summary>
/// The folder of one sandbox, with a lock file beside it that the owning process holds while it runs: a process that
/// can lock it knows that the owner is dead. The folder and every server in it are removed when it is disposed, when
/// the process exits, by its <see cref="Watchdog"/> when the process dies, or otherwise by
/// <see cref="StaleSandboxes"/>.
/// </summary>
internal sealed class SandboxFolder : IDisposable
{
    public const string Prefix = "traktor-sandbox-";
    public const string LockSuffix = ".lock";

    private static readonly HashSet<SandboxFolder> Live = [];

    private readonly FileStream ownership;
    private readonly Watchdog? watchdog;
    private int servers;

    static SandboxFolder() => AppDomain.CurrentDomain.ProcessExit += (_, _) => RemoveAll();

    private SandboxFolder(string folder, FileStream ownership, Watchdog? watchdog)
    {
        Folder = folder;
        this.ownership = ownership;
        this.watchdog = watchdog;
    }

    public string Folder { get; }

    public static SandboxFolder Create(UnprivilegedAccount? account)
    {
        var place = SandboxPlace.Choose();
        while (true)
        {
            var folder = Path.Combine(place, Prefix + Guid.NewGuid().ToString("N")[..12]);
            FileStream ownership;
            try
            {
                ownership = new FileStream(folder + LockSuffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(folder + LockSuffix))
            {
                // The name is taken, or another process's sweep opened it before it was locked.
                continue;
            }

            FileModes.MakePrivateFolder(folder, account);
            var sandbox = new SandboxFolder(
                folder,
                ownership,
                OperatingSystem.IsWindows() ? null : Watchdog.Start(folder, folder + LockSuffix)
            );
            lock (Live)
                Live.Add(sandbox);
            return sandbox;
        }
    }

    /// <summary>A name for the next server's folder; short, because it is part of a socket's path.</summary>
    public string NextServer() => Path.Combine(Folder, "s" + Interlocked.Increment(ref servers));

    /// <summary>Kills every server in a sandbox's folder and removes the folder.</summary>
    public static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var server in Directory.EnumerateDirectories(folder))
            Postmaster.Destroy(Path.Combine(server, "data"));
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another process's sweep was faster.
        }
    }

    public void Dispose()
    {
        lock (Live)
        {
            if (!Live.Remove(this))
                return;
        }

        Remove(Folder);
        ownership.Dispose();
        File.Delete(Folder + LockSuffix);
        watchdog?.Dismiss();
    }

    private static void RemoveAll()
    {
        SandboxFolder[] left;
        lock (Live)
            left = [.. Live];
        foreach (var sandbox in left)
            sandbox.Dispose();
    }
}
