using Traktor.Sandbox.Cleanup;
using Traktor.Sandbox.Machine;
using Traktor.Sandbox.Servers;

namespace Traktor.E2ETests.Sandbox;

public sealed class CleanupTests
{
    private const int SigInt = 2;
    private const int SigTerm = 15;

    [Fact]
    public async Task DisposeAsync_RunningAndKilledServers_LeavesNoProcessAndNoFile()
    {
        var sandbox = await TestSandbox.CreateAsync();
        var running = await sandbox.StartServerAsync(16);
        var killed = await sandbox.StartServerAsync(18);
        await killed.KillAsync();
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(running.DataDirectory))!;
        var family = ProcessTree.Descendants(ProcessList.Read(), Postmaster.Find(running.DataDirectory!)!.Value);
        Assert.True(family.Count > 4, $"{family.Count} processes");

        await sandbox.DisposeAsync();

        Assert.DoesNotContain(family, ProcessList.IsRunning);
        Assert.False(Directory.Exists(folder));
        Assert.False(File.Exists(folder + SandboxFolder.LockSuffix));
        await Eventually.TrueAsync(
            "the watchdog has gone home",
            () => !ProcessList.Read().Any(p => ProcessList.CommandLine(p.Pid).Contains(folder, StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData(SigInt)]
    [InlineData(SigTerm)]
    [InlineData(Libc.SigKill)]
    public async Task Watchdog_HostEndedBySignal_StopsTheServersAndRemovesTheFolder(int signal)
    {
        using var host = await HostProcess.StartAsync(16);
        Assert.Equal(2, host.Processes().Count);

        await host.KillAsync(signal);

        await Eventually.TrueAsync("the host's servers and files are gone", host.IsGone);
    }

    [Fact]
    public async Task Watchdog_HostReturnsWithoutDisposing_NothingIsLeft()
    {
        using var host = await HostProcess.StartAsync(16);

        await host.TellAsync("just end");

        await Eventually.TrueAsync("the host's servers and files are gone", host.IsGone);
    }

    [Fact]
    public async Task CreateAsync_HostAndWatchdogKilled_SweepsWhatTheyLeft()
    {
        using var host = await HostProcess.StartAsync(16);
        var postmaster = Postmaster.Find(host.DataDirectory);
        foreach (var watchdog in host.Processes().Where(pid => pid != postmaster))
            Libc.Signal(watchdog, Libc.SigKill);
        await Eventually.TrueAsync("the watchdog is dead", () => host.Processes().Count == 1);
        await host.KillAsync(Libc.SigKill);
        Assert.Equal([postmaster!.Value], host.Processes());

        await using var sandbox = await TestSandbox.CreateAsync();

        // Another test's sweep may have come first; it may still be at work.
        await Eventually.TrueAsync("the dead host's servers and files are gone", host.IsGone);
    }

    [Fact]
    public async Task CreateAsync_SandboxesOfOtherProcessesLive_LeavesThemAlone()
    {
        var hosts = await Task.WhenAll(HostProcess.StartAsync(16), HostProcess.StartAsync(16));
        try
        {
            await using (var sandbox = await TestSandbox.CreateAsync())
                await sandbox.StartServerAsync(16);

            Assert.NotEqual(hosts[0].Folder, hosts[1].Folder);
            Assert.All(hosts, host => Assert.NotNull(Postmaster.Find(host.DataDirectory)));
            await Task.WhenAll(hosts.Select(host => host.TellAsync("dispose")));
            Assert.All(hosts, host => Assert.False(Directory.Exists(host.Folder)));
        }
        finally
        {
            foreach (var host in hosts)
                host.Dispose();
        }
    }
}
