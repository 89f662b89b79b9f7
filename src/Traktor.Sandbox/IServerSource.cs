namespace Traktor.Sandbox;

/// <summary>
/// Makes the servers of a sandbox. The sandbox's own are processes of this machine; the tests bring another, for
/// containers.
/// </summary>
public interface IServerSource : IDisposable
{
    /// <summary>Makes a new, empty server that is not started yet.</summary>
    /// <param name="major">15, 16, 17 or 18.</param>
    /// <param name="settings">Server settings that differ from the sandbox's own.</param>
    /// <param name="hasOwnClock">Whether it gets a clock that can be set.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="SandboxException">No such server can be had.</exception>
    Task<IPostgresServer> CreateAsync(int major, IReadOnlyDictionary<string, string>? settings, bool hasOwnClock, CancellationToken cancel);
}
