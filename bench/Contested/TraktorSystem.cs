using Traktor.Engine.Access;
using Traktor.Sandbox;

namespace Traktor.Bench.Contested;

/// <summary>Traktor, with the arbiters in this process.</summary>
internal sealed class TraktorSystem : IReplicationSystem
{
    private readonly BenchMesh mesh;

    private TraktorSystem(BenchMesh mesh) => this.mesh = mesh;

    public IReadOnlyList<IPostgresServer> Servers => mesh.Servers;

    public bool DecidesConflicts => true;

    public static async Task<IReplicationSystem> StartAsync(int major, int nodes) =>
        new TraktorSystem(await BenchMesh.StartAsync(major, nodes));

    public Task ReplicateAsync(IReadOnlyList<string> tables) => mesh.OpenTablesAsync(tables);

    public Task PauseAsync() =>
        ForEachLinkAsync((to, from) => mesh.Arbiters[to].As(Actor.OfCommandLine()).PauseAsync(from, CancellationToken.None));

    public Task ResumeAsync() =>
        ForEachLinkAsync((to, from) => mesh.Arbiters[to].As(Actor.OfCommandLine()).ResumeAsync(from, CancellationToken.None));

    public ValueTask DisposeAsync() => mesh.DisposeAsync();

    private async Task ForEachLinkAsync(Func<int, int, Task> act)
    {
        for (var to = 0; to < Servers.Count; to++)
        for (var from = 0; from < Servers.Count; from++)
            if (to != from)
                await act(to, from);
    }
}
