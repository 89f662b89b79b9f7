namespace Traktor.Sandbox;

/// <summary>
/// Creates the servers of a sandbox. The sandbox's own source starts processes on this machine; the tests have one for
/// containers.
/// </summary>
public interface IServerSource : IDisposable
{
    /// <summary>Creates a new, empty server without starting it.</summary>
    /// <param name="major">15, 16, 17 or 18.</param>
    /// <param name="settings">Server settings that differ from the sandbox's.</param>
    /// <param name="hasOwnClock">Whether it gets a clock that can be set.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="SandboxException">No such server is available.</exception>
    Task<IPostgresServer> CreateAsync(int major, IReadOnlyDictionary<string, string>? settings, bool hasOwnClock, CancellationToken cancel);
}
