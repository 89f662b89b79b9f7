using System.Diagnostics;
using System.Globalization;

namespace Traktor.Sandbox.Machine;

/// <summary>
/// One process. <paramref name="Started"/> distinguishes it from a later one with the same id. A zombie has ended, but
/// its parent has not waited for it.
/// </summary>
internal sealed record ProcessEntry(int Pid, int ParentPid, bool IsZombie, string Started);

/// <summary>The processes of this machine, from /proc on Linux and from <c>ps</c> elsewhere; not for Windows.</summary>
internal static class ProcessList
{
    public static IReadOnlyList<ProcessEntry> Read()
    {
        if (!OperatingSystem.IsLinux())
            return [.. Ps("-A", "-o", "pid=,ppid=,stat=,lstart=").Select(FromPs).OfType<ProcessEntry>()];
        var found = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && Find(pid) is { } process)
                found.Add(process);
        }

        return found;
    }

    public static bool IsRunning(ProcessEntry process) => Find(process.Pid) is { IsZombie: false } now && now.Started == process.Started;

    /// <summary>Null when there is no such process.</summary>
    public static ProcessEntry? Find(int pid)
    {
        var id = pid.ToString(CultureInfo.InvariantCulture);
        if (!OperatingSystem.IsLinux())
            return Ps("-o", "pid=,ppid=,stat=,lstart=", "-p", id).Select(FromPs).FirstOrDefault();
        return FromStat(TryRead($"/proc/{id}/stat"));
    }

    /// <summary>Program and arguments, separated by blanks; empty when there is no such process.</summary>
    public static string CommandLine(int pid)
    {
        var id = pid.ToString(CultureInfo.InvariantCulture);
        return OperatingSystem.IsLinux()
            ? TryRead($"/proc/{id}/cmdline").Replace('\0', ' ')
            : string.Join(' ', Ps("-o", "command=", "-p", id));
    }

    /// <summary>
    /// Reads /proc/[pid]/stat (proc_pid_stat(5)): the name in parentheses may itself hold blanks and parentheses.
    /// </summary>
    internal static ProcessEntry? FromStat(string text)
    {
        var name = text.LastIndexOf(')');
        if (name < 0)
            return null;
        var fields = text[(name + 2)..].Split(' ');
        return new ProcessEntry(
            int.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture),
            int.Parse(fields[1], CultureInfo.InvariantCulture),
            fields[0] is "Z" or "X",
            fields[19]
        );
    }

    internal static ProcessEntry? FromPs(string line) =>
        line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries) is [var pid, var parent, var state, var started]
            ? new ProcessEntry(
                int.Parse(pid, CultureInfo.InvariantCulture),
                int.Parse(parent, CultureInfo.InvariantCulture),
                state.StartsWith('Z'),
                started.Trim()
            )
            : null;

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended before it could be read (ENOENT or ESRCH).
            return "";
        }
    }

    private static string[] Ps(params string[] arguments)
    {
        var result = Task.Run(() => Tool.RunAsync(new ProcessStartInfo("ps", arguments), readOutput: true, CancellationToken.None))
            .GetAwaiter()
            .GetResult();
        return result?.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            ?? throw new SandboxException("The program 'ps' is missing on this machine.");
    }
}
