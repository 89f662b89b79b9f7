using System.Collections.Concurrent;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.Engine.Nodes;

/// <summary>The pools of connections to the peers' databases, one for each connection string in use.</summary>
public sealed class Peers(int node) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Database> pools = new(StringComparer.Ordinal);

    /// <summary>The <c>application_name</c> of short sessions on a peer.</summary>
    public string ApplicationName { get; } = $"traktor_{node}";

    public Database For(Conninfo conninfo) => pools.GetOrAdd(conninfo.ToConninfo(), _ => new Database(conninfo, ApplicationName));

    /// <summary>Closes the pool of a connection string that is no longer used.</summary>
    public async Task ForgetAsync(Conninfo conninfo)
    {
        if (pools.TryRemove(conninfo.ToConninfo(), out var pool))
            await pool.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in pools.Values)
            await pool.DisposeAsync();
        pools.Clear();
    }
}
