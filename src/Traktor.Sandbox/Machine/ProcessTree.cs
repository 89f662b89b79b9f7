using System.Diagnostics;
using System.Globalization;

namespace Traktor.Sandbox.Machine;

/// <summary>A process and its descendants.</summary>
internal static class ProcessTree
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Kills them all and returns when they are gone.</summary>
    /// <exception cref="SandboxException">They are not gone after 30 s.</exception>
    public static void Kill(int pid)
    {
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.GetProcessById(pid);
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return;
        }

        // Stopped first, so that it cannot start another child before it is killed.
        Libc.Signal(pid, Libc.SigStop);
        var doomed = Descendants(ProcessList.Read(), pid);
        foreach (var process in doomed)
            Libc.Signal(process.Pid, Libc.SigKill);

        var clock = Stopwatch.StartNew();
        while (doomed.Exists(ProcessList.IsRunning))
        {
            if (clock.Elapsed > Patience)
                throw new SandboxException(
                    string.Create(CultureInfo.InvariantCulture, $"Process {pid} or one of its children survived SIGKILL.")
                );
            Thread.Sleep(2);
        }
    }

    /// <summary>The process itself first, then its descendants.</summary>
    internal static List<ProcessEntry> Descendants(IReadOnlyList<ProcessEntry> all, int pid)
    {
        var found = all.Where(p => p.Pid == pid).ToList();
        for (var i = 0; i < found.Count; i++)
            found.AddRange(all.Where(p => p.ParentPid == found[i].Pid && p.Pid != p.ParentPid));
        return found;
    }
}
