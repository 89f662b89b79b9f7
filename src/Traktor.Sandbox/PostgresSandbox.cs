using System.Collections.Concurrent;
using System.Net;
using Traktor.Sandbox.Cleanup;
using Traktor.Sandbox.Containers;
using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.Sandbox;

/// <summary>
/// Throwaway PostgreSQL servers of the majors 15 to 18. Disposing it stops every server and removes every file; the
/// same happens when the process ends in any other way, also by SIGKILL.
/// </summary>
public sealed class PostgresSandbox : IAsyncDisposable
{
    private readonly IProgress<string>? progress;
    private readonly UnprivilegedAccount? account;
    private readonly SandboxFolder? folder;
    private readonly ConcurrentBag<IAsyncDisposable> parts = [];

    private PostgresSandbox(IProgress<string>? progress, UnprivilegedAccount? account, SandboxFolder? folder)
    {
        this.progress = progress;
        this.account = account;
        this.folder = folder;
    }

    /// <summary>Opens a sandbox and removes what dead processes left behind.</summary>
    /// <param name="progress">Told what is fetched or prepared, one line at a time; nothing when all is cached.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="SandboxException">Containers are asked for and no Docker engine answers.</exception>
    public static async Task<PostgresSandbox> CreateAsync(IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        if (DockerEngine.IsAskedFor(Environment.GetEnvironmentVariable(DockerEngine.Variable)))
        {
            await DockerEngine.CheckAsync(cancel);
            return new PostgresSandbox(progress, account: null, folder: null);
        }

        return await Task.Run(
            () =>
            {
                StaleSandboxes.Sweep();
                var account = UnprivilegedAccount.ForServers();
                return new PostgresSandbox(progress, account, SandboxFolder.Create(account));
            },
            cancel
        );
    }

    /// <summary>Starts a new, empty server and returns when it accepts connections.</summary>
    /// <param name="major">15, 16, 17 or 18.</param>
    /// <param name="settings">Server settings that differ from the sandbox's own, by name as in postgresql.conf;
    /// <c>port</c> is not among them.</param>
    /// <param name="hasOwnClock">Whether it gets a clock that can be set, <see cref="IPostgresServer.Clock"/>; not in
    /// containers.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="SandboxException">No such server can be found or fetched, or it does not start; or no such
    /// clock can be had.</exception>
    public async Task<IPostgresServer> StartServerAsync(
        int major,
        IReadOnlyDictionary<string, string>? settings = null,
        bool hasOwnClock = false,
        CancellationToken cancel = default
    )
    {
        if (folder is null && hasOwnClock)
            throw new SandboxException("A server in a container goes by the machine's clock.");
        if (folder is null)
            progress?.Report($"Starting a container of {DockerEngine.Image(major)}; Docker fetches the image if it is not there …");
        IPostgresServer server = folder is null
            ? ContainerServer.Create(major, settings)
            : await LocalServer.CreateAsync(major, folder.NextServer(), settings, hasOwnClock, account, progress, cancel);
        parts.Add(server);
        await server.StartAsync(cancel);
        return server;
    }

    /// <summary>A new link to a server; make one for each directed link that is to be cut alone.</summary>
    public TcpRelay Relay(IPostgresServer to)
    {
        var relay = new TcpRelay(to);
        parts.Add(relay);
        return relay;
    }

    /// <summary>A new link to whatever listens on a port of this machine, an arbiter for instance.</summary>
    public TcpRelay Relay(int port)
    {
        var relay = new TcpRelay(new IPEndPoint(IPAddress.Loopback, port));
        parts.Add(relay);
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(parts.Select(part => part.DisposeAsync().AsTask()));
        folder?.Dispose();
    }
}
