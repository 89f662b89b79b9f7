using System.Diagnostics;
using System.Globalization;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Servers;

/// <summary>
/// The running server of a data directory, known by its postmaster.pid; what this does needs no server object, so it
/// also clears up after dead processes.
/// </summary>
internal static class Postmaster
{
    /// <summary>
    /// Process id of the server that runs on a data directory; null when none does. A pid file that a killed server
    /// left does not deceive it.
    /// </summary>
    public static int? Find(string dataDirectory)
    {
        var lines = ReadPidFile(dataDirectory);

        // A negative id is a single-user server's, as initdb runs it.
        if (lines.Length == 0 || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid) || pid <= 0)
            return null;
        if (OperatingSystem.IsWindows())
            return Process.GetProcessesByName("postgres").Any(p => p.Id == pid) ? pid : null;
        return
            ProcessList.Find(pid) is { IsZombie: false } && ProcessList.CommandLine(pid).Contains(dataDirectory, StringComparison.Ordinal)
            ? pid
            : null;
    }

    /// <summary>Kills the server and all its processes and returns when they are gone; does nothing when none runs.</summary>
    public static void Kill(string dataDirectory)
    {
        if (Find(dataDirectory) is not { } pid)
            return;
        var lines = ReadPidFile(dataDirectory);
        ProcessTree.Kill(pid);

        // A zombie until somebody waits for it, which the first process of a container may never do; to the next server its id looks alive.
        if (!OperatingSystem.IsWindows() && ProcessList.Find(pid) is not null)
        {
            File.Delete(PidFile(dataDirectory));
            RemoveSharedMemory(lines);

            // Lines 4 and 5: port and socket directory.
            if (lines is [_, _, _, var port, { Length: > 0 } sockets, ..])
                File.Delete(Path.Combine(sockets, $".s.PGSQL.{port}.lock"));
        }
    }

    /// <summary>Kills the server and gives back what outlives its processes outside of the data directory.</summary>
    public static void Destroy(string dataDirectory)
    {
        var lines = ReadPidFile(dataDirectory);
        Kill(dataDirectory);
        if (!OperatingSystem.IsWindows())
            RemoveSharedMemory(lines);
    }

    /// <summary>
    /// Line 7 of the pid file: key and id of a System V segment, which a killed server leaves behind and the next one
    /// on its data directory finds by the key.
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
