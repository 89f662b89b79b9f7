using System.Collections.Concurrent;
using System.Net;
using Traktor.Sandbox.Servers;

namespace Traktor.Sandbox;

/// <summary>
/// Temporary PostgreSQL servers of the major versions 15 to 18. Disposing it stops every server and removes every file;
/// the same happens when the process ends in any other way, including SIGKILL.
/// </summary>
public sealed class PostgresSandbox : IAsyncDisposable
{
    private readonly IServerSource source;
    private readonly ConcurrentBag<IAsyncDisposable> parts = [];

    /// <summary>Creates a sandbox with another source of servers, which it disposes.</summary>
    public PostgresSandbox(IServerSource source) => this.source = source;

    /// <summary>Creates a sandbox and removes what dead processes left behind.</summary>
    /// <param name="progress">Receives a line for everything that is downloaded or prepared; none when all is
    /// cached.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static Task<PostgresSandbox> CreateAsync(IProgress<string>? progress = null, CancellationToken cancel = default) =>
        Task.Run(() => new PostgresSandbox(LocalServers.Create(progress)), cancel);

    /// <summary>Starts a new, empty server and returns when it accepts connections.</summary>
    /// <param name="major">15, 16, 17 or 18.</param>
    /// <param name="settings">Server settings that differ from the sandbox's, by name as in postgresql.conf;
    /// <c>port</c> is not allowed.</param>
    /// <param name="hasOwnClock">Whether it gets a clock that can be set, <see cref="IPostgresServer.Clock"/>; not
    /// possible for containers.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="SandboxException">No such server can be found or downloaded, it does not start, or such a clock
    /// is not available.</exception>
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

    /// <summary>Creates a link to a server; create one for each directed link that is to be cut separately.</summary>
    public TcpRelay Relay(IPostgresServer to)
    {
        var relay = new TcpRelay(to);
        parts.Add(relay);
        return relay;
    }

    /// <summary>Creates a link to a port of this machine, for example an arbiter's.</summary>
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
