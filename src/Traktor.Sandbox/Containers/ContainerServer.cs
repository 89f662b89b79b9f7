using System.Globalization;
using System.Security.Cryptography;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.Sandbox.Containers;

/// <summary>
/// A server in a container of the official image, or one that works like it. It shares the host's network and listens on a loopback port of its own: so one
/// and the same connection string works from here, from every other server, and through relays.
/// </summary>
internal sealed class ContainerServer : IPostgresServer
{
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

    public static ContainerServer Create(int major, IReadOnlyDictionary<string, string>? settings)
    {
        var port = Ports.Free();
        var password = RandomNumberGenerator.GetHexString(24, lowercase: true);

        // Not PostgreSqlBuilder: it publishes port 5432 without a way to say no, which a container in the host's network cannot do.
        var container = new ContainerBuilder(DockerEngine.Image(major))
            .WithCreateParameterModifier(parameters => (parameters.HostConfig ??= new HostConfig()).NetworkMode = "host")
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --no-locale --no-sync --auth-host=scram-sha-256")
            .WithEnvironment("PGPORT", port.ToString(CultureInfo.InvariantCulture))
            .WithCommand(Arguments(major, settings))
            .WithWaitStrategy(Wait.ForUnixContainer().UntilCommandIsCompleted("pg_isready", "-h", "127.0.0.1", "-U", "postgres"))
            .Build();
        return new ContainerServer(major, port, password, container);
    }

    public string Conninfo(string database = "postgres", string? user = null, string? password = null) => ConninfoText.For(this, Port, database, user, password);

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
            throw new SandboxException($"A container of {DockerEngine.Image(Major)} does not start. {e.Message}", e);
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
        var (output, errors) = Task.Run(() => container.GetLogsAsync()).GetAwaiter().GetResult();
        return string.Join(Environment.NewLine, (output + errors).Split('\n').TakeLast(lines));
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();

    /// <summary>The settings as arguments of the server: the image has no configuration file of ours.</summary>
    internal static string[] Arguments(int major, IReadOnlyDictionary<string, string>? settings) =>
        [.. ServerSettings.Merge(major, settings).SelectMany(setting => new[] { "-c", setting.Key + "=" + setting.Value })];
}
