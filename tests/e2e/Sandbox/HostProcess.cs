using System.Diagnostics;
using System.Globalization;
using Traktor.Sandbox.Cleanup;
using Traktor.Sandbox.Machine;

namespace Traktor.E2ETests.Sandbox;

/// <summary>A <see cref="SandboxHost"/> that runs, with a server in it.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;

    private HostProcess(Process process, string dataDirectory, Task<string> errors)
    {
        this.process = process;
        this.errors = errors;
        DataDirectory = dataDirectory;
        Folder = Path.GetDirectoryName(Path.GetDirectoryName(dataDirectory))!;
    }

    public string DataDirectory { get; }

    /// <summary>Its sandbox's folder.</summary>
    public string Folder { get; }

    public string LockFile => Folder + SandboxFolder.LockSuffix;

    public static async Task<HostProcess> StartAsync(int major, params (string Name, string Value)[] environment)
    {
        var process = Launch(major, environment);
        var errors = process.StandardError.ReadToEndAsync();
        var dataDirectory =
            await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The host ended before its server ran: " + await errors);
        return new HostProcess(process, dataDirectory, errors);
    }

    /// <summary>What a host says that cannot start its server.</summary>
    public static async Task<string> RefusalAsync(int major, params (string Name, string Value)[] environment)
    {
        using var process = Launch(major, environment);
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        return errors;
    }

    /// <summary>The processes that know this sandbox by its folder: its postmaster, and its watchdog.</summary>
    public IReadOnlyList<int> Processes() =>
        [
            .. ProcessList
                .Read()
                .Where(p => !p.IsZombie && ProcessList.CommandLine(p.Pid).Contains(Folder, StringComparison.Ordinal))
                .Select(p => p.Pid),
        ];

    public bool IsGone() => !Directory.Exists(Folder) && !File.Exists(LockFile) && Processes().Count == 0;

    public async Task KillAsync(int signal)
    {
        Libc.Signal(process.Id, signal);
        // Never, where the tests themselves were started with the signal ignored (nohup).
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Lets it end, and returns what it reported.</summary>
    public async Task<string> TellAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.WaitForExitAsync();
        return await errors;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private static Process Launch(int major, (string Name, string Value)[] environment)
    {
        // By its full path: some tests give the host a PATH with nothing in it.
        var own = Environment.ProcessPath;
        var dotnet = Path.GetFileNameWithoutExtension(own) == "dotnet" ? own! : "dotnet";
        var start = new ProcessStartInfo(dotnet, [typeof(SandboxHost).Assembly.Location, major.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
