using Traktor.E2ETests.Containers;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Sandbox;

/// <summary>
/// The sandbox that tests run in: servers of this machine, or containers where <c>TRAKTOR_SANDBOX</c> asks for them.
/// </summary>
internal static class TestSandbox
{
    /// <exception cref="SandboxException">Containers are asked for and no Docker engine answers.</exception>
    public static async Task<PostgresSandbox> CreateAsync(IProgress<string>? progress = null)
    {
        if (!DockerEngine.IsAskedFor(Environment.GetEnvironmentVariable(DockerEngine.Variable)))
            return await PostgresSandbox.CreateAsync(progress);
        await DockerEngine.CheckAsync(CancellationToken.None);
        return new PostgresSandbox(new ContainerServers(progress));
    }
}
