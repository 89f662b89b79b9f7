using System.Diagnostics;
using System.Globalization;
using Traktor.Sandbox.Cleanup;
using Traktor.Sandbox.Machine;

namespace Traktor.E2ETests.Sandbox;

/// <summary>A <see cref="SandboxHost"/> that runs, with a server in it.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;

    private HostProcess(Process process, string dataDirectory)
    {
        this.process = process;
        DataDirectory = dataDirectory;
        Folder = Path.GetDirectoryName(Path.GetDirectoryName(dataDirectory))!;
    }

    public int Pid => process.Id;

    public string DataDirectory { get; }

    /// <summary>Its sandbox's folder.</summary>
    public string Folder { get; }

    public string LockFile => Folder + SandboxFolder.LockSuffix;

    public static async Task<HostProcess> StartAsync(int major)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SandboxHost).Assembly.Location, major.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var dataDirectory = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The host process ended before its server ran.");
        return new HostProcess(process, dataDirectory);
    }

    /// <summary>The processes that know this sandbox by its folder: its postmaster, and its watchdog.</summary>
    public IReadOnlyList<int> Processes() =>
        [.. ProcessList.Read().Where(p => !p.IsZombie && ProcessList.CommandLine(p.Pid).Contains(Folder, StringComparison.Ordinal)).Select(p => p.Pid)];

    public bool IsGone() => !Directory.Exists(Folder) && !File.Exists(LockFile) && Processes().Count == 0;

    public async Task KillAsync(int signal)
    {
        Libc.Signal(process.Id, signal);
        await process.WaitForExitAsync();
    }

    public async Task TellAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
