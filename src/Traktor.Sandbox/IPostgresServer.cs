namespace Traktor.Sandbox;

/// <summary>
/// One temporary PostgreSQL server. Its port, password and data do not change: they survive <see cref="StopAsync"/>,
/// <see cref="KillAsync"/> and <see cref="RestartAsync"/>. <see cref="IAsyncDisposable.DisposeAsync"/> stops it and
/// removes its files. Calls on one server must not overlap.
/// </summary>
public interface IPostgresServer : IAsyncDisposable
{
    /// <summary>Major version: 15, 16, 17 or 18.</summary>
    int Major { get; }

    /// <summary>Always 127.0.0.1: a sandbox does not listen on the network.</summary>
    string Host { get; }

    int Port { get; }

    /// <summary>Name of the superuser, <c>postgres</c>.</summary>
    string Superuser { get; }

    /// <summary>Password of <see cref="Superuser"/>, random; required for TCP (scram-sha-256).</summary>
    string Password { get; }

    /// <summary>The data directory on this machine; null for a container.</summary>
    string? DataDirectory { get; }

    /// <summary>Its own clock; null when it uses the machine's.</summary>
    ServerClock? Clock { get; }

    /// <summary>
    /// A libpq keyword/value connection string, by default for the superuser. Another <paramref name="user"/>'s
    /// contains a password only if <paramref name="password"/> is given.
    /// </summary>
    string Conninfo(string database = "postgres", string? user = null, string? password = null);

    /// <summary>
    /// Starts a stopped or killed server on its port, and returns when it accepts connections. Does nothing when it is
    /// running.
    /// </summary>
    /// <exception cref="SandboxException">It does not start; the message ends with the tail of its log.</exception>
    Task StartAsync(CancellationToken cancel = default);

    /// <summary>
    /// Stops the server in fast mode: sessions are ended and a checkpoint is written. Does nothing when it is stopped.
    /// </summary>
    Task StopAsync(CancellationToken cancel = default);

    /// <summary>
    /// Kills the postmaster and all its processes (SIGKILL) and returns when they are gone, so that
    /// <see cref="StartAsync"/> works at once. The server recovers from its WAL at the next start.
    /// </summary>
    Task KillAsync(CancellationToken cancel = default);

    /// <summary><see cref="StopAsync"/> and <see cref="StartAsync"/>.</summary>
    Task RestartAsync(CancellationToken cancel = default);

    /// <summary>The last lines of the server's log; empty when there is none.</summary>
    string LogTail(int lines);
}
