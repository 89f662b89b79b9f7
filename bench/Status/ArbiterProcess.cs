using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Traktor.Web.Hosting;

namespace Traktor.Bench.Status;

/// <summary>An arbiter as users run it, in a process of its own with an <c>arbiter.ini</c> of its own.</summary>
internal sealed class ArbiterProcess : IAsyncDisposable
{
    public const string ApiKey = "bench";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly string folder;

    private ArbiterProcess(Process process, string folder, IPEndPoint address, TimeSpan firstAnswer)
    {
        this.process = process;
        this.folder = folder;
        Address = address;
        FirstAnswer = firstAnswer;
    }

    public IPEndPoint Address { get; }

    /// <summary>From starting the process to its first answer to GET status.</summary>
    public TimeSpan FirstAnswer { get; }

    /// <summary>Memory that is resident now, in MB (10⁶ bytes).</summary>
    public double ResidentMB
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts one and asks it until it answers.</summary>
    /// <param name="conninfo">Its node's database.</param>
    public static async Task<ArbiterProcess> StartAsync(string conninfo)
    {
        var folder = Directory.CreateTempSubdirectory("traktor-bench-").FullName;
        var address = FreeAddress();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "arbiter.ini"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"[DEFAULT]\nNodeID = 0\nConnectionString = {conninfo}\nAPIAddress = {address}\nAPIKey = {ApiKey}\n"
            )
        );

        var clock = Stopwatch.StartNew();
        var process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(ArbiterHost).Assembly.Location])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var errors = process.StandardError.ReadToEndAsync();
        while (!IsAnswering(address))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The arbiter ended at once: {await errors}");
            if (clock.Elapsed > Patience)
                throw new TimeoutException("The arbiter does not answer.");
            await Task.Delay(2);
        }

        return new ArbiterProcess(process, folder, address, clock.Elapsed);
    }

    /// <summary>Makes its database a node.</summary>
    public async Task InitializeAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{Address}") };
        client.DefaultRequestHeaders.Add("X-API-KEY", ApiKey);
        using var answer = await client.PutAsync(new Uri("/v1/arbiter/control", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static bool IsAnswering(IPEndPoint address)
    {
        try
        {
            using var connection = new RawHttp(address);
            return connection.Ask(RawHttp.Status) == 200;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
