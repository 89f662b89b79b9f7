using System.Globalization;
using System.Security.Cryptography;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;
using Traktor.Sandbox;
using Traktor.Sandbox.Binaries;
using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.E2ETests.Containers;

/// <summary>
/// A server in a container of the official image, or one that works like it. It shares the host's network and listens
/// on a loopback port of its own: so one and the same connection string works from here, from every other server, and
/// through relays.
/// </summary>
internal sealed class ContainerServer : IPostgresServer
{
    /// <summary>
    /// In bytes. Docker's own limit of 64 MB is too small for a large parallel hash join; only what is used is taken.
    /// </summary>
    private const long SharedMemory = 1L << 30;

    private static readonly TimeSpan ReadyInterval = TimeSpan.FromMilliseconds(200);

    private readonly IContainer container;
    private bool running;

    private ContainerServer(int major, int port, string password, IContainer container)
    {
        Major = major;
        Port = port;
        Password = password;
        this.container = container;
    }

    public int Major { get; }

    public string Host => "127.0.0.1";

    public int Port { get; }

    public string Superuser => "postgres";

    public string Password { get; }

    public string? DataDirectory => null;

    public ServerClock? Clock => null;

    /// <exception cref="SandboxException">The sandbox has no such major.</exception>
    public static ContainerServer Create(int major, IReadOnlyDictionary<string, string>? settings)
    {
        PackagedServers.Check(major);
        var port = Ports.Free();
        var password = RandomNumberGenerator.GetHexString(24, lowercase: true);

        // Not PostgreSqlBuilder: it publishes port 5432 without a way to say no, and its start then waits for a
        // published port, which a container in the host's network never has, until it times out. Without the host's
        // network, what listens on 127.0.0.1, relays too, is out of a container's reach. Testcontainers' log of each
        // step goes nowhere: the sandbox tells its progress itself.
        var container = new ContainerBuilder(DockerEngine.Image(major))
            .WithLogger(NullLogger.Instance)
            .WithCreateParameterModifier(UseMachine)
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --no-locale --no-sync --auth-host=scram-sha-256")
            .WithEnvironment("PGPORT", port.ToString(CultureInfo.InvariantCulture))
            .WithCommand(Arguments(major, settings))
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .UntilCommandIsCompleted(["pg_isready", "-h", "127.0.0.1", "-U", "postgres"], wait => wait.WithInterval(ReadyInterval))
            )
            .Build();
        return new ContainerServer(major, port, password, container);
    }

    public string Conninfo(string database = "postgres", string? user = null, string? password = null) =>
        ConninfoText.For(this, Port, database, user, password);

    public async Task StartAsync(CancellationToken cancel = default)
    {
        if (running)
            return;
        try
        {
            await container.StartAsync(cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var log = LogTail(25);
            throw new SandboxException(
                $"A container of {DockerEngine.Image(Major)} does not start. "
                    + $"{(log.Length == 0 ? e.Message : "Its log ends with:" + Environment.NewLine + log)}",
                e
            );
        }

        running = true;
    }

    public async Task StopAsync(CancellationToken cancel = default)
    {
        // The image names SIGINT as its stop signal: a fast shutdown.
        if (running)
            await container.StopAsync(cancel);
        running = false;
    }

    public async Task KillAsync(CancellationToken cancel = default)
    {
        if (running)
            await DockerEngine.KillAsync(container.Id, cancel);
        running = false;
    }

    public async Task RestartAsync(CancellationToken cancel = default)
    {
        await StopAsync(cancel);
        await StartAsync(cancel);
    }

    public string LogTail(int lines)
    {
        if (container.State == TestcontainersStates.Undefined)
            return "";
        var (output, errors) = Task.Run(() => container.GetLogsAsync(timestampsEnabled: false)).GetAwaiter().GetResult();
        return string.Join(Environment.NewLine, (output + errors).TrimEnd().Split('\n').TakeLast(lines));
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();

    /// <summary>The settings as arguments of the server: the image has no configuration file of ours.</summary>
    internal static string[] Arguments(int major, IReadOnlyDictionary<string, string>? settings) =>
        [.. ServerSettings.Merge(major, settings).SelectMany(setting => new[] { "-c", setting.Key + "=" + setting.Value })];

    private static void UseMachine(CreateContainerParameters parameters)
    {
        parameters.HostConfig ??= new HostConfig();
        parameters.HostConfig.NetworkMode = "host";
        parameters.HostConfig.ShmSize = SharedMemory;
    }
}
