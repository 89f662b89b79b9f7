using Npgsql;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine.Postgres;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Mesh;

/// <summary>A server with its arbiter, and a user's sessions on it.</summary>
internal sealed class MeshNode(int id, IPostgresServer server, ArbiterProcess arbiter)
{
    public int Id { get; } = id;

    public IPostgresServer Server { get; } = server;

    public ArbiterProcess Arbiter { get; } = arbiter;

    public RestApi Api => Arbiter.Api;

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var settings = Conninfo.Parse(Server.Conninfo(TestMesh.Database)).ToNpgsql();
        settings.Pooling = false;
        settings.ApplicationName = "test";
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
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

    /// <summary>All rows of a query as psql -At would print them.</summary>
    public async Task<string> TextAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        return string.Join('\n', lines);
    }

    public string Diagnose() =>
        $"--- node {Id}, arbiter:\n{string.Join('\n', Arbiter.Log.TakeLast(25))}\n--- node {Id}, server:\n{Server.LogTail(15)}";
}
