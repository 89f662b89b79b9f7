namespace Traktor.Sandbox;

/// <summary>
/// One throwaway PostgreSQL server. Its port, password and data live as long as it does: they survive <see cref="StopAsync"/>,
/// <see cref="KillAsync"/> and <see cref="RestartAsync"/>. <see cref="IAsyncDisposable.DisposeAsync"/> stops it and removes its files.
/// Calls on one server must not overlap.
/// </summary>
public interface IPostgresServer : IAsyncDisposable
{
    /// <summary>Major version: 15, 16, 17 or 18.</summary>
    int Major { get; }

    /// <summary>Always 127.0.0.1: a sandbox never listens to the network.</summary>
    string Host { get; }

    int Port { get; }

    /// <summary>Name of the superuser, <c>postgres</c>.</summary>
    string Superuser { get; }

    /// <summary>Password of <see cref="Superuser"/>, random; asked for on TCP (scram-sha-256).</summary>
    string Password { get; }

    /// <summary>Where the data is on this machine; null when it is inside a container.</summary>
    string? DataDirectory { get; }

    /// <summary>Its own clock; null when it goes by the machine's.</summary>
    ServerClock? Clock { get; }

    /// <summary>
    /// A libpq keyword/value connection string. Without <paramref name="user"/> it is the superuser's; another user's
    /// holds a password only when
    /// <paramref name="password"/> is given.
    /// </summary>
    string Conninfo(string database = "postgres", string? user = null, string? password = null);

    /// <summary>
    /// Starts a server that was stopped or killed, on its old port, and returns when it accepts connections. Does
    /// nothing when it runs.
    /// </summary>
    /// <exception cref="SandboxException">It does not start; the message ends with its log's tail.</exception>
    Task StartAsync(CancellationToken cancel = default);

    /// <summary>Shuts down in mode fast: sessions are ended, a checkpoint is written. Does nothing when it is down.</summary>
    Task StopAsync(CancellationToken cancel = default);

    /// <summary>
    /// Kills the postmaster and every process of it (SIGKILL) and returns when all are gone, so that
    /// <see cref="StartAsync"/> works at once. The server recovers from its WAL at the next start.
    /// </summary>
    Task KillAsync(CancellationToken cancel = default);

    /// <summary><see cref="StopAsync"/> and <see cref="StartAsync"/>.</summary>
    Task RestartAsync(CancellationToken cancel = default);

    /// <summary>The last lines of the server's log, empty when there is none.</summary>
    string LogTail(int lines);
}
