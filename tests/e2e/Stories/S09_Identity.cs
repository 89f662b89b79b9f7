using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>A connection string must lead to the node that it is said to lead to; NodeID in the file must be the database's.</summary>
public sealed class S09_Identity(Pair pair) : IClassFixture<Pair>
{
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
        Assert.Contains("PUT /v1/arbiter/control", (string?)refusal.Json["mend"], StringComparison.Ordinal);
        await ExpectNothingChangedAsync();
    }

    [Fact]
    public async Task Subscribe_WithAConnectionStringThatLeadsNowhere_SaysWhy()
    {
        (await SubscribeAsync(1, mesh[1].Server.Conninfo(TestMesh.Database, "postgres", "not-the-password"))).ExpectProblem(503, "password");
        (await SubscribeAsync(1, $"host=no-such-host.invalid dbname={TestMesh.Database} user=postgres")).ExpectProblem(503, "host name is not known");
        (await SubscribeAsync(1, mesh[1].Server.Conninfo("no_such_database"))).ExpectProblem(503, "does not exist");
        (await SubscribeAsync(1, $"host=127.0.0.1 port=1 dbname={TestMesh.Database} user=postgres")).ExpectProblem(503, "connection refused");
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
        Assert.Contains($"port={mesh[1].Server.Port}", (string?)(await mesh[0].SubscriptionAsync(1))!["connection_string"], StringComparison.Ordinal);
        Assert.Contains("password=***", (string?)(await mesh[0].SubscriptionAsync(1))!["connection_string"], StringComparison.Ordinal);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
        await mesh[0].AwaitTextAsync("select id from moved", "1");

        await mesh.SubscribeAsync(0, 1, expect: 200);
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].ExecuteAsync("insert into moved values (2)");
        await mesh.AgreeAsync("select id from moved order by 1", "1\n2");
    }

    [Fact]
    public async Task Start_WithAnotherNodesDatabase_SaysSoAndChangesNothing()
    {
        await mesh[1].Arbiter.TerminateAsync();
        await mesh[1].Arbiter.ConfigureAsync(mesh[1].Server.Conninfo(TestMesh.Database), ("NodeID", "7"));
        await mesh[1].Arbiter.StartAsync();
        await Eventually.TrueAsync(
            "the status names both numbers",
            async () => ((string?)(await mesh[1].StatusAsync())["problem"])?.Contains("belongs to node 1, but arbiter.ini says NodeID = 7", StringComparison.Ordinal) == true,
            mesh.Diagnose);
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
