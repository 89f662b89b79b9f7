using System.Text.Json.Nodes;
using Npgsql;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine.ConnectionStrings;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Mesh;

/// <summary>A server with its arbiter, and a user's sessions on it.</summary>
internal sealed class MeshNode(int id, IPostgresServer server, ArbiterProcess arbiter)
{
    public int Id { get; } = id;

    public IPostgresServer Server { get; } = server;

    public ArbiterProcess Arbiter { get; } = arbiter;

    public RestApi Api => Arbiter.Api;

    /// <summary>A session of one's own.</summary>
    public Task<NpgsqlConnection> OpenAsync() => OpenAsync(isPooled: false);

    /// <summary>A session of a role.</summary>
    public async Task<NpgsqlConnection> OpenAsAsync(string role, string password)
    {
        var settings = Conninfo.Parse(Server.Conninfo(TestMesh.Database)).ToNpgsql();
        (settings.Username, settings.Password, settings.Pooling, settings.CommandTimeout) = (role, password, false, 0);
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

    /// <summary>
    /// All rows of a query as psql -At would print them. The query only reads: it is asked again where its session
    /// ended with a server.
    /// </summary>
    public async Task<string> TextAsync(string sql)
    {
        try
        {
            return await ReadAsync(sql, isPooled: true);
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.SqlState == PostgresErrorCodes.AdminShutdown)
        {
            return await ReadAsync(sql, isPooled: false);
        }
    }

    /// <summary>Stages a table.</summary>
    public async Task<Answer> StageAsync(string table, int expect = 201) =>
        (await Api.PutAsync($"/v1/arbiter/replicaset/{Uri.EscapeDataString(table)}")).Expect(expect);

    /// <summary>Stages a table's removal, or cancels its add.</summary>
    public async Task<Answer> UnstageAsync(string table, int expect = 200) =>
        (await Api.DeleteAsync($"/v1/arbiter/replicaset/{Uri.EscapeDataString(table)}")).Expect(expect);

    /// <summary>Commits what is staged.</summary>
    public async Task<Answer> CommitAsync(int expect = 200, string query = "") =>
        (await Api.PatchAsync("/v1/arbiter/replicaset" + query)).Expect(expect);

    public async Task<JsonNode> StatusAsync() => (await Api.GetAsync("/v1/arbiter/status")).Expect(200).Json;

    /// <summary>
    /// The subscription from <paramref name="inbound"/> as the API lists it; null when there is none.
    /// </summary>
    public async Task<JsonNode?> SubscriptionAsync(int inbound) =>
        (await Api.GetAsync("/v1/arbiter/subscription")).Expect(200).Json["subscriptions"]!
            .AsArray()
            .FirstOrDefault(s => (int)s!["inbound_node"]! == inbound);

    /// <summary>The table as the replicaset's status lists it; null when it is not there.</summary>
    public async Task<JsonNode?> TableAsync(string relation) =>
        (await Api.GetAsync("/v1/arbiter/replicaset/status")).Expect(200).Json["replicaset"]!
            .AsArray()
            .FirstOrDefault(t => (string?)t!["relation"] == relation);

    /// <summary>Waits until the subscription from <paramref name="inbound"/> is in one of these states.</summary>
    public Task AwaitStateAsync(int inbound, params string[] states) =>
        Eventually.TrueAsync(
            $"the subscription of node {Id} from node {inbound} is {string.Join(" or ", states)}",
            async () => (string?)(await SubscriptionAsync(inbound))?["state"] is { } state && states.Contains(state),
            Diagnose
        );

    /// <summary>Waits until a table has this status.</summary>
    public Task AwaitTableAsync(string relation, string status) =>
        Eventually.TrueAsync(
            $"{relation} is {status} on node {Id}",
            async () => (string?)(await TableAsync(relation))?["status"] == status,
            Diagnose
        );

    /// <summary>Waits until a query gives this.</summary>
    public async Task AwaitTextAsync(string sql, string expected)
    {
        var seen = "";
        await Eventually.TrueAsync(
            $"{sql} is {expected} on node {Id}",
            async () => (seen = await TextAsync(sql)) == expected,
            () => $"It is {seen}.\n{Diagnose()}"
        );
    }

    public string Diagnose() =>
        $"--- node {Id}, arbiter:\n{string.Join('\n', Arbiter.Log.TakeLast(25))}\n--- node {Id}, server:\n{Server.LogTail(15)}";

    private async Task<string> ReadAsync(string sql, bool isPooled)
    {
        await using var connection = await OpenAsync(isPooled);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(
                string.Join(
                    '|',
                    Enumerable
                        .Range(0, reader.FieldCount)
                        .Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))
                )
            );
        return string.Join('\n', lines);
    }

    /// <param name="isPooled">What is asked many times a second shares a session: one of its own costs the server more
    /// than the answer.</param>
    private async Task<NpgsqlConnection> OpenAsync(bool isPooled)
    {
        var settings = Conninfo.Parse(Server.Conninfo(TestMesh.Database)).ToNpgsql();
        settings.Pooling = isPooled;
        settings.ApplicationName = "test";
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
