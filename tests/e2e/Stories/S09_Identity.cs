using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A connection string must lead to the node that it is said to lead to; NodeID in the file must be the database's.
/// </summary>
public sealed class S09_Identity(Pair pair) : IClassFixture<Pair>
{
    private const string Initialization = "/v1/arbiter/control";
    private const string Control = "/v1/arbiter/subscription/control";
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    public async Task Subscribe_ToAnotherNodeThanSaid_IsRefused()
    {
        (await SubscribeAsync(5, mesh.Conninfo(1, 0))).ExpectProblem(409, "leads to node 1, not to node 5");
        await ExpectNothingChangedAsync();
    }

    [Fact]
    public async Task Subscribe_ToOneself_IsRefused()
    {
        (await SubscribeAsync(0, mesh[0].Server.Conninfo(TestMesh.Database))).ExpectProblem(409, "itself");
        (await SubscribeAsync(1, mesh[0].Server.Conninfo(TestMesh.Database))).ExpectProblem(409, "this node itself");
        await ExpectNothingChangedAsync();
    }

    [Fact]
    public async Task Subscribe_ToADatabaseThatIsNotInitialised_IsRefused()
    {
        var refusal = (await SubscribeAsync(1, mesh[1].Server.Conninfo("postgres"))).ExpectProblem(409, "not initialised");
        Assert.Contains("PUT /v1/arbiter/control", (string?)refusal.Json["hint"], StringComparison.Ordinal);
        await ExpectNothingChangedAsync();
    }

    [Fact]
    public async Task Subscribe_WithAConnectionStringThatLeadsNowhere_SaysWhy()
    {
        (await SubscribeAsync(1, mesh[1].Server.Conninfo(TestMesh.Database, "postgres", "not-the-password"))).ExpectProblem(
            503,
            "password"
        );
        (await SubscribeAsync(1, $"host=no-such-host.invalid dbname={TestMesh.Database} user=postgres")).ExpectProblem(
            503,
            "host name is not known"
        );
        (await SubscribeAsync(1, mesh[1].Server.Conninfo("no_such_database"))).ExpectProblem(503, "does not exist");
        (await SubscribeAsync(1, $"host=127.0.0.1 port=1 dbname={TestMesh.Database} user=postgres")).ExpectProblem(
            503,
            "connection refused"
        );
        await ExpectNothingChangedAsync();
    }

    [Fact]
    public async Task Subscribe_Again_IsAlreadySoAndTakesOverAnotherConnectionString()
    {
        await mesh.ReplicateAsync("public.moved", "create table moved (id int primary key)");
        await mesh.SubscribeAsync(0, 1, expect: 200);

        // What gathered in the slot before the change arrives after it: it is still the same slot.
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        await mesh[1].ExecuteAsync("insert into moved values (1)");
        (await SubscribeAsync(1, mesh[1].Server.Conninfo(TestMesh.Database))).Expect(200);
        Assert.Contains(
            $"port={mesh[1].Server.Port}",
            (string?)(await mesh[0].SubscriptionAsync(1))!["connection_string"],
            StringComparison.Ordinal
        );
        Assert.Contains("password=***", (string?)(await mesh[0].SubscriptionAsync(1))!["connection_string"], StringComparison.Ordinal);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
        await mesh[0].AwaitTextAsync("select id from moved", "1");

        await mesh.SubscribeAsync(0, 1, expect: 200);
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].ExecuteAsync("insert into moved values (2)");
        await mesh.AgreeAsync("select id from moved order by 1", "1\n2");
    }

    [Fact]
    public async Task Subscribe_WhileATransactionOfThePeerRuns_LearnsWhoThePeerIs()
    {
        await using var fresh = await TestMesh.StartAsync(18, 18);
        foreach (var node in fresh.Nodes)
            (await node.Api.PutAsync(Initialization)).Expect(201);
        await using var user = await fresh[1].OpenAsync();
        await using var transaction = await user.BeginTransactionAsync();
        await user.ExecuteAsync("create table unfinished ()");

        // The slot is there, and sends nothing of what is committed before that transaction has ended. The peer's
        // arbiter looks twice a second.
        var subscribing = fresh.SubscribeAsync(0, 1);
        await fresh[1].AwaitTextAsync("select slot_name, confirmed_flush_lsn from pg_replication_slots", "trktr_sub_0_1|");
        await Task.Delay(TimeSpan.FromSeconds(2));
        await transaction.RollbackAsync();
        await subscribing;
        await fresh[0].AwaitTextAsync("select node_id from trktr.node order by 1", "0\n1");

        // One that is made anew at once knows no less, whatever the peer had seen of the one before.
        await fresh[0].ExecuteAsync("set session_replication_role = replica; delete from trktr.node where node_id = 1");
        (await fresh[0].Api.DeleteAsync(Control, new { inbound_node = 1 })).Expect(200);
        await fresh.SubscribeAsync(0, 1);
        await fresh[0].AwaitTextAsync("select node_id from trktr.node order by 1", "0\n1");
    }

    [Fact]
    public async Task Start_WithAnotherNodesDatabase_SaysSoAndChangesNothing()
    {
        await mesh[1].Arbiter.TerminateAsync();
        await mesh[1].Arbiter.ConfigureAsync(mesh[1].Server.Conninfo(TestMesh.Database), ("NodeID", "7"));
        await mesh[1].Arbiter.StartAsync();
        await Eventually.TrueAsync(
            "the status names both numbers",
            async () =>
                ((string?)(await mesh[1].StatusAsync())["problem"])?.Contains(
                    "belongs to node 1, but arbiter.ini says NodeID = 7",
                    StringComparison.Ordinal
                ) == true,
            mesh.Diagnose
        );
        (await mesh[1].Api.PutAsync("/v1/arbiter/control")).ExpectProblem(409, "node 1");
        (await mesh[1].Api.DeleteAsync("/v1/arbiter/control")).ExpectProblem(409, "node 1");
        (await mesh[1].Api.PatchAsync("/v1/arbiter/replicaset")).ExpectProblem(409, "node 1");
        Assert.Equal("trktr_sub_1_0", await mesh[1].TextAsync("select subname from pg_subscription"));

        await mesh[1].Arbiter.TerminateAsync();
        await mesh[1].Arbiter.ConfigureAsync(mesh[1].Server.Conninfo(TestMesh.Database));
        await mesh[1].Arbiter.StartAsync();
        await mesh[1].AwaitStateAsync(0, "streaming");
    }

    private Task<Answer> SubscribeAsync(int inbound, string connection) =>
        mesh[0].Api.PutAsync(Control, new { inbound_node = inbound, connection_string = connection });

    private async Task ExpectNothingChangedAsync()
    {
        Assert.Equal("trktr_sub_0_1", await mesh[0].TextAsync("select subname from pg_subscription"));
        Assert.Equal("trktr_sub_0_1", await mesh[1].TextAsync("select slot_name from pg_replication_slots"));
        Assert.Equal("trktr_sub_1_0", await mesh[0].TextAsync("select slot_name from pg_replication_slots"));
        Assert.Equal(0, await mesh[0].ScalarAsync<long>("select count(*) from trktr.orphaned_slot"));
    }
}
