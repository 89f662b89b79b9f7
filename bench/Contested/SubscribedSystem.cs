using Traktor.Engine.Postgres;
using Traktor.Sandbox;

namespace Traktor.Bench.Contested;

/// <summary>
/// Servers whose subscriptions are made by statements alone: PostgreSQL's own, without any detection of conflicts, or
/// those of pglogical (<see href="https://github.com/2ndQuadrant/pglogical"/>), which decides them in the apply worker.
/// </summary>
internal sealed class SubscribedSystem : IReplicationSystem
{
    private readonly PostgresSandbox sandbox;
    private readonly List<IPostgresServer> servers = [];
    private readonly bool isPglogical;

    private SubscribedSystem(PostgresSandbox sandbox, bool isPglogical)
    {
        this.sandbox = sandbox;
        this.isPglogical = isPglogical;
    }

    public IReadOnlyList<IPostgresServer> Servers => servers;

    public bool DecidesConflicts => isPglogical;

    /// <summary>PostgreSQL alone: from 16 on, which has <c>origin = none</c>.</summary>
    public static Task<IReplicationSystem> StartNativeAsync(int major, int nodes) => StartAsync(major, nodes, isPglogical: false, null);

    /// <summary>pglogical by last_update_wins; its package has to be installed beside the server's.</summary>
    public static Task<IReplicationSystem> StartPglogicalAsync(int major, int nodes) =>
        StartAsync(
            major,
            nodes,
            isPglogical: true,
            new Dictionary<string, string>
            {
                ["shared_preload_libraries"] = "pglogical",
                ["pglogical.conflict_resolution"] = "last_update_wins",
            }
        );

    public async Task ReplicateAsync(IReadOnlyList<string> tables)
    {
        for (var node = 0; node < servers.Count; node++)
        {
            await ExecuteAsync(
                node,
                isPglogical
                    ? $"create extension pglogical; select pglogical.create_node('n{node}', {Literal(servers[node])})"
                    : "create publication everything for all tables"
            );
            if (isPglogical)
                await ExecuteAsync(node, "select pglogical.replication_set_add_all_tables('default', array['public'])");
        }

        foreach (var (to, from) in Links())
            await ExecuteAsync(
                to,
                isPglogical
                    ? $"select pglogical.create_subscription('s{from}', {Literal(servers[from])}, array['default'], false, false, '{{}}')"
                    : $"create subscription s{to}_{from} connection {Literal(servers[from])} publication everything "
                        + "with (copy_data = false, origin = none)"
            );
        if (isPglogical)
            foreach (var (to, from) in Links())
                await ExecuteAsync(to, $"select pglogical.wait_for_subscription_sync_complete('s{from}')");
    }

    public async Task PauseAsync()
    {
        foreach (var (to, from) in Links())
            await ExecuteAsync(
                to,
                isPglogical ? $"select pglogical.alter_subscription_disable('s{from}', true)" : $"alter subscription s{to}_{from} disable"
            );
        for (var node = 0; node < servers.Count; node++)
            while (!await ScalarAsync<bool>(node, "select count(*) = 0 from pg_replication_slots where active"))
                await Task.Delay(50);
    }

    public async Task ResumeAsync()
    {
        foreach (var (to, from) in Links())
            await ExecuteAsync(
                to,
                isPglogical ? $"select pglogical.alter_subscription_enable('s{from}', true)" : $"alter subscription s{to}_{from} enable"
            );
    }

    public ValueTask DisposeAsync() => sandbox.DisposeAsync();

    private static async Task<IReplicationSystem> StartAsync(
        int major,
        int nodes,
        bool isPglogical,
        IReadOnlyDictionary<string, string>? settings
    )
    {
        var system = new SubscribedSystem(await PostgresSandbox.CreateAsync(), isPglogical);
        for (var node = 0; node < nodes; node++)
        {
            system.servers.Add(await system.sandbox.StartServerAsync(major, settings));
            await using var connection = await BenchMesh.OpenAsync(system.servers[node], "postgres");
            await BenchMesh.ExecuteAsync(connection, $"create database {IReplicationSystem.Database}");
        }

        return system;
    }

    private static string Literal(IPostgresServer server) => Quote.Literal(server.Conninfo(IReplicationSystem.Database));

    private IEnumerable<(int To, int From)> Links() =>
        from to in Enumerable.Range(0, servers.Count)
        from other in Enumerable.Range(0, servers.Count)
        where to != other
        select (to, other);

    private async Task ExecuteAsync(int node, string sql)
    {
        await using var connection = await BenchMesh.OpenAsync(servers[node], IReplicationSystem.Database);
        await BenchMesh.ExecuteAsync(connection, sql);
    }

    private async Task<T> ScalarAsync<T>(int node, string sql)
    {
        await using var connection = await BenchMesh.OpenAsync(servers[node], IReplicationSystem.Database);
        return await BenchMesh.ScalarAsync<T>(connection, sql);
    }
}
