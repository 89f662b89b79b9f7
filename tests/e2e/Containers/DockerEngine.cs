using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Containers;

/// <summary>The Docker engine that Testcontainers finds, for what Testcontainers itself does not offer.</summary>
internal static class DockerEngine
{
    /// <summary>Set to <c>containers</c>, it asks for servers in containers.</summary>
    public const string Variable = "TRAKTOR_SANDBOX";

    private const string ImageVariable = "TRAKTOR_SANDBOX_IMAGE";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="SandboxException">The variable has a value that means nothing.</exception>
    public static bool IsAskedFor(string? value) =>
        value switch
        {
            null or "" or "local" => false,
            "containers" => true,
            _ => throw new SandboxException(
                $"{Variable} is '{value}'. Set it to 'containers' for servers in Docker containers, or to 'local', or remove it."
            ),
        };

    /// <summary>The image for a major; in an image of one's own, <c>{major}</c> stands for the version.</summary>
    public static string Image(int major, string? own)
    {
        var version = major.ToString(CultureInfo.InvariantCulture);
        return string.IsNullOrEmpty(own) ? "postgres:" + version : own.Replace("{major}", version, StringComparison.Ordinal);
    }

    public static string Image(int major) => Image(major, Environment.GetEnvironmentVariable(ImageVariable));

    /// <exception cref="SandboxException">No engine answers.</exception>
    public static async Task CheckAsync(CancellationToken cancel)
    {
        try
        {
            using var client = Client();
            await client.System.PingAsync(cancel).WaitAsync(Patience, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // An engine that is too old for the client's API looks to Testcontainers like one that is not there.
            throw new SandboxException(
                $"{Variable}=containers is set, but no Docker engine answers. Start Docker; for an engine of an older API set "
                    + $"DOCKER_API_VERSION too (1.41 for Docker 20.10); or remove {Variable} to run servers as processes of this "
                    + $"machine.",
                e
            );
        }
    }

    /// <summary>Kills a container's processes (SIGKILL); the container and its files stay.</summary>
    public static async Task KillAsync(string container, CancellationToken cancel)
    {
        using var client = Client();
        await client.Containers.KillContainerAsync(container, new ContainerKillParameters { Signal = "SIGKILL" }, cancel);
        await client.Containers.WaitContainerAsync(container, cancel);
    }

    private static DockerClient Client()
    {
        var endpoint =
            TestcontainersSettings.OS.DockerEndpointAuthConfig ?? throw new SandboxException("No Docker endpoint is configured.");
        return endpoint.GetDockerClientBuilder(Guid.NewGuid()).Build();
    }
}
