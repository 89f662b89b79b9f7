using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Traktor.Sandbox.Machine;

namespace Traktor.E2ETests.Mesh;

/// <summary>An arbiter as users run it: a process of its own, started from an <c>arbiter.ini</c> of its own.</summary>
internal sealed class ArbiterProcess : IAsyncDisposable
{
    public const string ApiKey = "LetMeIn";

    /// <summary>The program, compiled ahead of time by the project's target PublishArbiter.</summary>
    public static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "arbiter", "Traktor.Web.dll");

    private const int Attempts = 5;
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    private readonly ConcurrentQueue<string> log = new();
    private readonly string folder;
    private readonly bool hasUsersDefaults;
    private Process? process;

    private ArbiterProcess(int node, int port, string folder, bool hasUsersDefaults)
    {
        Node = node;
        this.hasUsersDefaults = hasUsersDefaults;
        Port = port;
        this.folder = folder;
        Api = new RestApi(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}")), ApiKey);
    }

    public int Node { get; }

    public int Port { get; }

    public RestApi Api { get; }

    /// <summary>Its APIKey.</summary>
    public string Key { get; private set; } = ApiKey;

    /// <summary>Environment variables of its next start.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>All that it printed, over all its lives.</summary>
    public IReadOnlyCollection<string> Log => log;

    /// <summary>How often it was started.</summary>
    public int Lives { get; private set; }

    /// <summary>Its arbiter.ini.</summary>
    public string ConfigurationFile => Path.Combine(folder, "arbiter.ini");

    public int Pid => process!.Id;

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Of the last life, once that has ended.</summary>
    public int ExitCode => process!.ExitCode;

    /// <summary>Starts one on a free port and waits until it answers.</summary>
    /// <param name="node">NodeID.</param>
    /// <param name="conninfo">Its ConnectionString.</param>
    /// <param name="more">Further keys of arbiter.ini.</param>
    public static Task<ArbiterProcess> StartAsync(int node, string conninfo, params (string Key, string Value)[] more) =>
        StartAsync(node, conninfo, hasUsersDefaults: false, more);

    /// <param name="node">NodeID.</param>
    /// <param name="conninfo">Its ConnectionString.</param>
    /// <param name="hasUsersDefaults">Whether its heart beats no quicker than a user's.</param>
    /// <param name="more">Further keys of arbiter.ini.</param>
    public static async Task<ArbiterProcess> StartAsync(
        int node,
        string conninfo,
        bool hasUsersDefaults,
        params (string Key, string Value)[] more
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var arbiter = new ArbiterProcess(
                node,
                Ports.Free(),
                Directory.CreateTempSubdirectory("traktor-arbiter-").FullName,
                hasUsersDefaults
            );
            await arbiter.ConfigureAsync(conninfo, more);
            await arbiter.StartOnceAsync();
            if (arbiter.IsRunning)
                return arbiter;
            var (isPortTaken, said) = (arbiter.IsPortTaken(), string.Join('\n', arbiter.Log));
            await arbiter.DisposeAsync();
            // Somebody else may have taken the port since we looked; nobody knows it yet, so another does as well.
            if (!isPortTaken || attempt == Attempts)
                Assert.Fail($"Arbiter {node} ended at once:\n{said}");
        }
    }

    /// <summary>Writes its arbiter.ini anew; takes effect with the next start.</summary>
    public Task ConfigureAsync(string conninfo, params (string Key, string Value)[] more)
    {
        var keys = new Dictionary<string, string>
        {
            ["NodeID"] = Node.ToString(CultureInfo.InvariantCulture),
            ["ConnectionString"] = conninfo,
            ["APIAddress"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"),
            ["CheckInterval"] = "10",
            ["APIKey"] = " " + ApiKey,
            ["AutoHeal"] = "True",
            ["Pre16Compatibility"] = "False",
        };
        if (!hasUsersDefaults)
            keys["HeartbeatInterval"] = "0.5";
        foreach (var (key, value) in more)
            keys[key] = value;
        Key = keys["APIKey"].Trim();
        Api.UseKey(Key);
        return File.WriteAllLinesAsync(ConfigurationFile, ["[DEFAULT]", .. keys.Select(key => $"{key.Key} = {key.Value}")]);
    }

    /// <summary>Adds lines at the end of its arbiter.ini.</summary>
    public Task AppendAsync(params string[] lines) => File.AppendAllLinesAsync(Path.Combine(folder, "arbiter.ini"), lines);

    /// <summary>
    /// Starts it and waits until it answers. Where an outgoing connection of somebody else got hold of its port
    /// meanwhile, once more when that has ended.
    /// </summary>
    public async Task StartAsync()
    {
        await StartOnceAsync();
        if (IsPortTaken())
        {
            await Eventually.TrueAsync($"port {Port} is free again", () => Ports.IsFree(Port), () => string.Join('\n', log));
            await StartOnceAsync();
        }

        if (process is { HasExited: true })
            Assert.Fail($"Arbiter {Node} ended at once:\n{string.Join('\n', log)}");
    }

    /// <summary>Has it do nothing at all until it is woken.</summary>
    public void Suspend() => Libc.Signal(process!.Id, Libc.SigStop);

    public void Wake() => Libc.Signal(process!.Id, Libc.SigCont);

    /// <summary>kill -9.</summary>
    public Task KillAsync() => SignalAsync(Sigkill);

    /// <summary>SIGTERM. Returns how long it took to end.</summary>
    public async Task<TimeSpan> TerminateAsync()
    {
        var clock = Stopwatch.StartNew();
        await SignalAsync(Sigterm);
        return clock.Elapsed;
    }

    /// <summary>Forgets what it printed and answered.</summary>
    public void Forget()
    {
        log.Clear();
        Api.Transcript.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
            await KillAsync();
        process?.Dispose();
        Api.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StartOnceAsync()
    {
        // The working directory holds arbiter.ini: no argument is needed.
        var start = new ProcessStartInfo("dotnet", [Assembly])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Most arbiters here live for seconds: their code is compiled anew, and better, only once nothing new was
        // called for 5 s (hexadecimal, ms), not 0.1. A third of what a start costs.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "1388";
        // Mapping each piece of compiled code twice, once to write and once to run it, costs a start a third of its
        // time in the kernel.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        // Few live long enough to gain from what the runtime measures for it.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        process?.Dispose();
        process = Process.Start(start)!;
        Lives++;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.TrueAsync(
            $"arbiter {Node} answers",
            async () => process.HasExited || await Api.StatusCodeAsync("/health/live") == HttpStatusCode.OK,
            () => string.Join('\n', log)
        );
    }

    private bool IsPortTaken()
    {
        if (process is not { HasExited: true } ended)
            return false;
        // All that it printed has arrived then.
        ended.WaitForExit();
        return log.LastOrDefault()?.Contains("another process uses it", StringComparison.Ordinal) == true;
    }

    private async Task SignalAsync(int signal)
    {
        Libc.Signal(process!.Id, signal);
        await process.WaitForExitAsync();
    }

    private void Note(string? line)
    {
        if (line is not null)
            log.Enqueue(line);
    }
}
