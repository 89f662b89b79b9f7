using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// The user's tutorial: two nodes, then three, by its own curl commands, one after the other without a pause; only
/// ports and passwords differ.
/// </summary>
public sealed class S01_Tutorial
{
    private const string CreateTable = """
        CREATE TABLE multimaster.reptest (
            id int NOT NULL,
            payload text NULL,
            CONSTRAINT reptest_pk PRIMARY KEY (id)
        );
        """;

    private const string Rows = "SELECT id, payload FROM multimaster.reptest ORDER BY id ASC";

    [Theory]
    [InTurn(15, 15, 15)]
    [InTurn(15, 16, 18)]
    [InTurn(16, 16, 16)]
    [InTurn(18, 18, 18)]
    [InTurn(16, 17, 18)]
    public async Task Tutorial_AtScriptSpeed_EveryCommandDoesWhatItSays(int first, int second, int third)
    {
        await using var mesh = await TestMesh.StartAsUsersDoAsync(first, second);
        await PrepareAsync(mesh, mesh[0]);
        await PrepareAsync(mesh, mesh[1]);

        await InitializeAsync(mesh[0]);
        await InitializeAsync(mesh[1]);
        await SubscribeAsync(mesh[0], mesh[1]);
        await SubscribeAsync(mesh[1], mesh[0]);
        Assert.Equal("trktr_sub_0_1", await mesh[0].TextAsync("SELECT subname FROM pg_subscription"));
        Assert.Equal("trktr_sub_1_0", await mesh[1].TextAsync("SELECT subname FROM pg_subscription"));

        await mesh.EverywhereAsync(CreateTable);
        await StageAsync(mesh[0]);
        await StageAsync(mesh[1]);
        await CommitAsync(mesh[0]);
        await CommitAsync(mesh[1]);
        var (code, body) = await Curl.RunAsync(
            $"curl --location 'http://localhost:{mesh[1].Arbiter.Port}/v1/arbiter/replicaset/status' --header 'X-API-KEY: LetMeIn'"
        );
        Assert.Equal(200, code);
        Assert.Contains("\"relation\":\"multimaster.reptest\",\"status\":\"committed\"", body, StringComparison.Ordinal);

        await mesh[0].ExecuteAsync("INSERT INTO multimaster.reptest (id, payload) VALUES (0, 'Hello');");
        await mesh[1].ExecuteAsync("INSERT INTO multimaster.reptest (id, payload) VALUES (1, 'TRAKTOR');");
        await mesh.AgreeAsync(Rows, "0|Hello\n1|TRAKTOR");

        await mesh.AddNodeAsync(third);
        await PrepareAsync(mesh, mesh[2]);
        await mesh[2].ExecuteAsync(CreateTable);
        await InitializeAsync(mesh[2]);
        await SubscribeAsync(mesh[2], mesh[1]);
        await SubscribeAsync(mesh[2], mesh[0]);
        await SubscribeAsync(mesh[0], mesh[2]);
        await SubscribeAsync(mesh[1], mesh[2]);
        await StageAsync(mesh[2]);
        await CommitAsync(mesh[2]);

        await mesh[2].ExecuteAsync("INSERT INTO multimaster.reptest (id, payload) VALUES (3, 'Hello, Node 2');");
        await mesh[0].ExecuteAsync("INSERT INTO multimaster.reptest (id, payload) VALUES (4, 'Hello again, Node 2');");
        await AwaitRowsAsync(mesh, 0, "0|Hello\n1|TRAKTOR\n3|Hello, Node 2\n4|Hello again, Node 2");
        await AwaitRowsAsync(mesh, 1, "0|Hello\n1|TRAKTOR\n3|Hello, Node 2\n4|Hello again, Node 2");
        await AwaitRowsAsync(mesh, 2, "3|Hello, Node 2\n4|Hello again, Node 2");
    }

    private static Task AwaitRowsAsync(TestMesh mesh, int node, string expected) =>
        Eventually.TrueAsync(
            $"the tutorial's rows are on node {node}",
            async () => await mesh[node].TextAsync(Rows) == expected,
            mesh.Diagnose
        );

    private static async Task PrepareAsync(TestMesh mesh, MeshNode node)
    {
        await node.ExecuteAsync("CREATE SCHEMA multimaster;");
        await node.Server.ExecuteAsync("CREATE USER traktor_arbiter PASSWORD 'traktor' LOGIN SUPERUSER;");
        await node.Arbiter.KillAsync();
        await node.Arbiter.ConfigureAsync(
            $"host=127.0.0.1 port={node.Server.Port} user=traktor_arbiter password=traktor dbname={TestMesh.Database}",
            mesh.Compatibility
        );
        await node.Arbiter.StartAsync();
    }

    private static Task InitializeAsync(MeshNode node) =>
        ExpectAsync(
            201,
            node,
            $"""
            curl --location --request PUT 'http://localhost:{node.Arbiter.Port}/v1/arbiter/control' \
            --header 'X-API-KEY: LetMeIn'
            """
        );

    private static Task SubscribeAsync(MeshNode node, MeshNode inbound) =>
        ExpectAsync(
            201,
            node,
            $$"""
            curl --location --request PUT 'http://localhost:{{node.Arbiter.Port}}/v1/arbiter/subscription/control' \
            --header 'Content-Type: application/json' \
            --header 'X-API-KEY: LetMeIn' \
            --data '{"inbound_node": {{inbound.Id}}, "connection_string": "{{Conninfo(inbound)}}"}'
            """
        );

    private static string Conninfo(MeshNode node) =>
        $"host=localhost dbname={TestMesh.Database} port={node.Server.Port} user=traktor_arbiter password=traktor";

    private static Task StageAsync(MeshNode node) =>
        ExpectAsync(
            201,
            node,
            $"""
            curl --location --request PUT 'http://localhost:{node.Arbiter.Port}/v1/arbiter/replicaset/multimaster.reptest' \
            --header 'X-API-KEY: LetMeIn'
            """
        );

    private static Task CommitAsync(MeshNode node) =>
        ExpectAsync(
            200,
            node,
            $"""
            curl --location --request PATCH 'http://localhost:{node.Arbiter.Port}/v1/arbiter/replicaset' \
            --header 'X-API-KEY: LetMeIn'
            """
        );

    private static async Task ExpectAsync(int expected, MeshNode node, string command)
    {
        var (code, body) = await Curl.RunAsync(command);
        Assert.True(code == expected, $"Expected {expected}, got {code}: {body}\n{command}\n{node.Diagnose()}");
    }
}
