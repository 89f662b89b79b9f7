using Traktor.Sandbox;

namespace Traktor.E2ETests.Containers;

/// <summary>Servers in containers; Docker removes them with the process that asked for them.</summary>
internal sealed class ContainerServers(IProgress<string>? progress) : IServerSource
{
    public Task<IPostgresServer> CreateAsync(
        int major,
        IReadOnlyDictionary<string, string>? settings,
        bool hasOwnClock,
        CancellationToken cancel
    )
    {
        if (hasOwnClock)
            throw new SandboxException("A server in a container goes by the machine's clock.");
        progress?.Report($"Starting a container of {DockerEngine.Image(major)}; Docker fetches the image if it is not there …");
        return Task.FromResult<IPostgresServer>(ContainerServer.Create(major, settings));
    }

    public void Dispose() { }
}
