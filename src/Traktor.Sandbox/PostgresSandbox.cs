namespace Traktor.Sandbox;

/// <summary>
/// Throwaway PostgreSQL servers of the majors 15 to 18. Disposing it stops every server and removes every file; the same happens when the process ends
/// in any other way, also by SIGKILL.
/// </summary>
public sealed class PostgresSandbox : IAsyncDisposable
{
    /// <summary>Opens a sandbox and removes what dead processes left behind.</summary>
    /// <param name="progress">Told what is fetched or prepared, one line at a time; nothing when all is cached.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="SandboxException">Containers are asked for and no Docker engine answers.</exception>
    public static Task<PostgresSandbox> CreateAsync(IProgress<string>? progress = null, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Starts a new, empty server and returns when it accepts connections.</summary>
    /// <param name="major">15, 16, 17 or 18.</param>
    /// <param name="settings">Server settings that differ from the sandbox's own, by name as in postgresql.conf; <c>port</c> and <c>listen_addresses</c> are not among them.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="SandboxException">No such server can be found or fetched, or it does not start.</exception>
    public Task<IPostgresServer> StartServerAsync(int major, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>A new link to a server; make one for each directed link that is to be cut alone.</summary>
    public TcpRelay Relay(IPostgresServer to) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
