using System.Collections.Concurrent;
using Npgsql;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Privileges;

/// <summary>All queries that <c>pg_stat_activity</c> shows until it is finished.</summary>
internal sealed class ActivityWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, bool> seen = new();
    private readonly Task loops;

    public ActivityWatch(TestMesh mesh) => loops = Task.WhenAll(mesh.Nodes.Select(node => Task.Run(() => WatchAsync(node))));

    public IEnumerable<string> Seen => seen.Keys;

    public async Task<IEnumerable<string>> FinishAsync()
    {
        await stop.CancelAsync();
        await loops;
        return Seen;
    }

    public async ValueTask DisposeAsync()
    {
        await FinishAsync();
        stop.Dispose();
    }

    private async Task WatchAsync(MeshNode node)
    {
        await using var connection = await node.OpenAsync();
        await using var read = new NpgsqlCommand("select query from pg_stat_activity where pid <> pg_backend_pid()", connection);
        while (!stop.IsCancellationRequested)
        {
            await using (var reader = await read.ExecuteReaderAsync())
                while (await reader.ReadAsync())
                    seen.TryAdd(reader.IsDBNull(0) ? "" : reader.GetString(0), true);
            await Task.Delay(20);
        }
    }
}
