using System.Collections.Concurrent;
using System.Net;
using Traktor.Sandbox.Servers;

namespace Traktor.Sandbox;

/// <summary>
/// Throwaway PostgreSQL servers of the majors 15 to 18. Disposing it stops every server and removes every file; the
/// same happens when the process ends in any other way, also by SIGKILL.
/// </summary>
public sealed class PostgresSandbox : IAsyncDisposable
{
    private readonly IServerSource source;
    private readonly ConcurrentBag<IAsyncDisposable> parts = [];

    /// <summary>Opens a sandbox whose servers come from elsewhere; it disposes of <paramref name="source"/>.</summary>
    public PostgresSandbox(IServerSource source) => this.source = source;

    /// <summary>Opens a sandbox and removes what dead processes left behind.</summary>
    /// <param name="progress">Told what is fetched or prepared, one line at a time; nothing when all is cached.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public static Task<PostgresSandbox> CreateAsync(IProgress<string>? progress = null, CancellationToken cancel = default) =>
        Task.Run(() => new PostgresSandbox(LocalServers.Create(progress)), cancel);

    /// <summary>Starts a new, empty server and returns when it accepts connections.</summary>
    /// <param name="major">15, 16, 17 or 18.</param>
    /// <param name="settings">Server settings that differ from the sandbox's own, by name as in postgresql.conf;
    /// <c>port</c> is not among them.</param>
    /// <param name="hasOwnClock">Whether it gets a clock that can be set, <see cref="IPostgresServer.Clock"/>; containers
    /// cannot.</param>
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
        var server = await source.CreateAsync(major, settings, hasOwnClock, cancel);
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
        source.Dispose();
    }
}
