using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;
using Traktor.Sandbox;

namespace Traktor.Bench;

/// <summary>Servers with their arbiters in this process, each subscribed to all others.</summary>
internal sealed class BenchMesh : IAsyncDisposable
{
    private const string Database = "bench";

    private readonly List<IPostgresServer> servers = [];
    private readonly List<Arbiter> arbiters = [];

    private BenchMesh(PostgresSandbox sandbox) => Sandbox = sandbox;

    public PostgresSandbox Sandbox { get; }

    /// <summary>The arbiter of node 1, which heals.</summary>
    public Arbiter Healing => arbiters[1];

    /// <summary>The servers, in the order of their nodes.</summary>
    public IReadOnlyList<IPostgresServer> Servers => servers;

    /// <summary>The arbiters, in the order of their nodes.</summary>
    public IReadOnlyList<Arbiter> Arbiters => arbiters;

    public static async Task<BenchMesh> StartAsync(int major, int nodes = 2, bool pre16Compatibility = false)
    {
        var mesh = new BenchMesh(await PostgresSandbox.CreateAsync());
        using ILoggerFactory loggers = NullLoggerFactory.Instance;
        for (var node = 0; node < nodes; node++)
        {
            var server = await mesh.Sandbox.StartServerAsync(major);
            mesh.servers.Add(server);
            await using (var connection = await OpenAsync(server, "postgres"))
                await ExecuteAsync(connection, $"create database {Database}");
            var arbiter = new Arbiter(
                new ArbiterSettings
                {
                    NodeId = node,
                    ConnectionString = server.Conninfo(Database),
                    ArbiterUrl = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{9000 + node}")),
                    Pre16Compatibility = pre16Compatibility,
                },
                loggers
            );
            mesh.arbiters.Add(arbiter);
            await arbiter.StartAsync(CancellationToken.None);
            await arbiter.As(Actor.OfCommandLine()).InitializeAsync(CancellationToken.None);
        }

        for (var to = 0; to < nodes; to++)
        for (var from = 0; from < nodes; from++)
            if (from != to)
                await mesh.arbiters[to]
                    .As(Actor.OfCommandLine())
                    .SubscribeAsync(from, mesh.servers[from].Conninfo(Database), CancellationToken.None);
        return mesh;
    }

    public Task<NpgsqlConnection> OpenAsync(int node) => OpenAsync(servers[node], Database);

    public async Task ReplicateAsync(string table, string columns)
    {
        foreach (var server in servers)
        {
            await using var connection = await OpenAsync(server, Database);
            await ExecuteAsync(connection, $"create table {table} ({columns})");
        }

        await OpenTablesAsync([table]);
    }

    /// <summary>Has all nodes replicate tables that are there.</summary>
    public async Task OpenTablesAsync(IReadOnlyList<string> tables)
    {
        foreach (var arbiter in arbiters)
        foreach (var table in tables)
            await arbiter.As(Actor.OfCommandLine()).StageAddAsync($"public.{table}", CancellationToken.None);
        foreach (var arbiter in arbiters)
            await arbiter.As(Actor.OfCommandLine()).CommitAsync(force: false, CancellationToken.None);
    }

    /// <summary>
    /// Has node 1 receive a table from node 0 by a subscription of the server's own, which no arbiter knows.
    /// </summary>
    public async Task FollowAsync(string table, string columns)
    {
        foreach (var server in servers)
        {
            await using var connection = await OpenAsync(server, Database);
            await ExecuteAsync(connection, $"create table {table} ({columns})");
            await ExecuteAsync(
                connection,
                server == servers[0]
                    ? $"create publication {table} for table {table}"
                    : $"""
                    create subscription {table}
                    connection {Quote.Literal(servers[0].Conninfo(Database))}
                    publication {table}
                    with (copy_data = false)
                    """
            );
        }
    }

    /// <summary>From now on node 0 does not receive from node 1.</summary>
    public async Task OneWayAsync() => await arbiters[0].As(Actor.OfCommandLine()).PauseAsync(1, CancellationToken.None);

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var arbiter in arbiters)
            await arbiter.DisposeAsync();
        await Sandbox.DisposeAsync();
    }

    public static async Task<NpgsqlConnection> OpenAsync(IPostgresServer server, string database)
    {
        var settings = Conninfo.Parse(server.Conninfo(database)).ToNpgsql();
        settings.Pooling = false;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
