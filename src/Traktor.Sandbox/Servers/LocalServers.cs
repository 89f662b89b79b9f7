using Traktor.Sandbox.Cleanup;
using Traktor.Sandbox.Machine;

namespace Traktor.Sandbox.Servers;

/// <summary>Servers that are processes of this machine, each in its own folder.</summary>
internal sealed class LocalServers : IServerSource
{
    private readonly IProgress<string>? progress;
    private readonly UnprivilegedAccount? account;
    private readonly SandboxFolder folder;

    private LocalServers(IProgress<string>? progress, UnprivilegedAccount? account)
    {
        this.progress = progress;
        this.account = account;
        folder = SandboxFolder.Create(account);
    }

    /// <summary>Creates the folder, and removes what dead processes left behind.</summary>
    public static LocalServers Create(IProgress<string>? progress)
    {
        StaleSandboxes.Sweep();
        return new LocalServers(progress, UnprivilegedAccount.ForServers());
    }

    public async Task<IPostgresServer> CreateAsync(
        int major,
        IReadOnlyDictionary<string, string>? settings,
        bool hasOwnClock,
        CancellationToken cancel
    ) => await LocalServer.CreateAsync(major, folder.NextServer(), settings, hasOwnClock, account, progress, cancel);

    public void Dispose() => folder.Dispose();
}
