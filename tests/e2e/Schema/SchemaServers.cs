using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Schema;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Schema;

/// <summary>
/// One server a major, each started when a test first needs it; every test makes databases of its own.
/// </summary>
public sealed class SchemaServers : IAsyncLifetime
{
    private readonly ConcurrentDictionary<int, Task<IPostgresServer>> servers = [];
    private PostgresSandbox? sandbox;
    private int databases;

    public async Task InitializeAsync() => sandbox = await PostgresSandbox.CreateAsync();

    public async Task DisposeAsync() => await sandbox!.DisposeAsync();

    /// <summary>An empty database.</summary>
    internal async Task<NodeDatabase> CreateAsync(int major)
    {
        var server = await servers.GetOrAdd(major, number => sandbox!.StartServerAsync(number));
        var name = string.Create(CultureInfo.InvariantCulture, $"schema_{Interlocked.Increment(ref databases)}");
        await server.ExecuteAsync($"create database {name}");
        return new NodeDatabase(server.Conninfo(name));
    }
}

/// <summary>
/// The database of node 0, without an arbiter process: releases install their schemas in it as an arbiter does.
/// </summary>
internal sealed class NodeDatabase(string conninfo) : IAsyncDisposable
{
    private readonly Database database = new(Conninfo.Parse(conninfo), "schema_test");

    public async Task<NpgsqlConnection> OpenAsync() => await database.OpenAsync(CancellationToken.None);

    /// <summary>What the arbiter of a release does with it.</summary>
    public Initialization Release(SchemaScripts scripts) =>
        new(
            new LocalNode(database, 0, pre16Compatibility: true),
            new ArbiterSettings
            {
                NodeId = 0,
                Pre16Compatibility = true,
                ConnectionString = conninfo,
                ArbiterUrl = new Uri("http://localhost"),
            },
            scripts
        );

    public async Task<string> CatalogAsync()
    {
        await using var connection = await OpenAsync();
        return await SchemaCatalog.ReadAsync(connection);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync(sql);
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        return await connection.ScalarAsync<T>(sql);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
