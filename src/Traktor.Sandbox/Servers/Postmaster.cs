using System.Diagnostics;
using System.Globalization;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Servers;

/// <summary>
/// The running server of a data directory, identified by its postmaster.pid. No server object is needed, so that it can
/// also clean up after dead processes.
/// </summary>
internal static class Postmaster
{
    /// <summary>
    /// The process id of the server that runs on a data directory; null when there is none. It recognises the stale pid
    /// file of a killed server.
    /// </summary>
    public static int? Find(string dataDirectory)
    {
        var lines = ReadPidFile(dataDirectory);

        // A negative id belongs to a single-user server, as in initdb.
        if (lines.Length == 0 || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid) || pid <= 0)
            return null;
        if (OperatingSystem.IsWindows())
            return Process.GetProcessesByName("postgres").Any(p => p.Id == pid) ? pid : null;
        return
            ProcessList.Find(pid) is { IsZombie: false } && ProcessList.CommandLine(pid).Contains(dataDirectory, StringComparison.Ordinal)
            ? pid
            : null;
    }

    /// <summary>
    /// Kills the server and all its processes and returns when they are gone; does nothing when none is running.
    /// </summary>
    public static void Kill(string dataDirectory)
    {
        if (Find(dataDirectory) is not { } pid)
            return;
        var lines = ReadPidFile(dataDirectory);
        ProcessTree.Kill(pid);

        // A zombie until its parent waits for it, which the first process of a container may never do; the next server
        // would take its id for a running process.
        if (!OperatingSystem.IsWindows() && ProcessList.Find(pid) is not null)
        {
            File.Delete(PidFile(dataDirectory));
            RemoveSharedMemory(lines);

            // Lines 4 and 5: port and socket directory.
            if (lines is [_, _, _, var port, { Length: > 0 } sockets, ..])
                File.Delete(Path.Combine(sockets, $".s.PGSQL.{port}.lock"));
        }
    }

    /// <summary>Kills the server and removes what it leaves outside the data directory.</summary>
    public static void Destroy(string dataDirectory)
    {
        var lines = ReadPidFile(dataDirectory);
        Kill(dataDirectory);
        if (!OperatingSystem.IsWindows())
            RemoveSharedMemory(lines);
    }

    /// <summary>
    /// Line 7 of the pid file: key and id of a System V segment, which a killed server leaves behind and the next
    /// server on the data directory finds by its key.
    /// </summary>
    private static void RemoveSharedMemory(string[] lines)
    {
        if (
            lines.Length >= 7
            && lines[6].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var id]
            && int.TryParse(id, CultureInfo.InvariantCulture, out var segment)
        )
            Libc.RemoveSharedMemory(segment);
    }

    private static string PidFile(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    private static string[] ReadPidFile(string dataDirectory)
    {
        try
        {
            return File.ReadAllLines(PidFile(dataDirectory));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
