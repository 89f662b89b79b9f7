using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>Policies and priorities over REST, and what is said when nodes differ.</summary>
public sealed class PolicyTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    [Fact]
    public async Task SetPolicy_OnOneNode_IsKeptAndReportedAsADifferenceUntilItIsTheSame()
    {
        var (here, there) = (conflicts.Mesh[0], conflicts.Mesh[1]);
        var change = (await here.Api.PutAsync("/v1/arbiter/policy/shop.orders", new { policy = "manual" })).Expect(200).Json;
        Assert.Equal(("shop.orders", "manual", true), ((string?)change["relation"], (string?)change["policy"], (bool?)change["changed"]));
        Assert.Single(change["nodes"]!.AsArray());
        Assert.False(
            (bool?)(await here.Api.PutAsync("/v1/arbiter/policy/Shop.Orders", new { policy = "manual" })).Expect(200).Json["changed"]
        );

        await FindingAsync(here, "decided by manual on node 0 and by last_update_wins on node 1");
        await FindingAsync(there, "decided by last_update_wins on node 1 and by manual on node 0");

        await here.Arbiter.KillAsync();
        await here.Arbiter.StartAsync();
        await Eventually.TrueAsync(
            "the arbiter can work",
            async () => (await here.Api.GetAsync("/health/ready")).Code == 200,
            conflicts.Mesh.Diagnose
        );
        Assert.Equal("manual", (string?)(await here.Api.GetAsync("/v1/arbiter/policy")).Expect(200).Json["policies"]![0]!["policy"]);

        var mesh = (await here.Api.PutAsync("/v1/arbiter/policy/shop.orders?scope=mesh", new { policy = "node_priority" }))
            .Expect(200)
            .Json;
        Assert.Equal(["done", "done"], mesh["nodes"]!.AsArray().Select(node => (string?)node!["result"]));
        await FindingAsync(here, null);
        await FindingAsync(there, null);
    }

    [Fact]
    public async Task SetPriorities_Differing_AreReportedWhereTheyDecide()
    {
        var (here, there) = (conflicts.Mesh[0], conflicts.Mesh[1]);
        (await here.Api.PutAsync("/v1/arbiter/policy/shop.orders?scope=mesh", new { policy = "node_priority" })).Expect(200);
        var change = (await there.Api.PutAsync("/v1/arbiter/priority", new { priorities = new Dictionary<string, int> { ["1"] = -1 } }))
            .Expect(200)
            .Json;
        Assert.Equal(
            """[{"node":1,"priority":-1,"is_set":true},{"node":0,"priority":0,"is_set":false}]""",
            change["priorities"]!.ToJsonString()
        );
        await FindingAsync(here, "rank the nodes differently (all by NodeID; node 1: -1)");

        (await there.Api.PutAsync("/v1/arbiter/priority?scope=mesh", new { priorities = new Dictionary<string, int>() })).Expect(200);
        await FindingAsync(here, null);
        (await here.Api.PutAsync("/v1/arbiter/policy/shop.orders?scope=mesh", new { policy = "last_update_wins" })).Expect(200);
    }

    [Fact]
    public async Task SetPolicy_Wrong_IsRefusedWithASentence()
    {
        var api = conflicts.Mesh[0].Api;
        (await api.PutAsync("/v1/arbiter/policy/shop.nothing", new { policy = "manual" })).Expect(404);
        (await api.PutAsync("/v1/arbiter/policy/shop.orders", new { policy = "latest" })).Expect(400);
        (await api.PutAsync("/v1/arbiter/policy/shop.orders?scope=all", new { policy = "manual" })).Expect(400);
        (await api.PutAsync("/v1/arbiter/policy/orders", new { policy = "manual" })).Expect(400);
        (await api.PutAsync("/v1/arbiter/priority", new { priorities = 1 })).Expect(400);
    }

    [Fact]
    public async Task OpenApi_Document_HasTheCallsWithTheirParameters()
    {
        var paths = (await conflicts.Mesh[0].Api.GetAsync("/openapi.json")).Expect(200).Json["paths"]!;
        foreach (
            var path in new[]
            {
                "/v1/arbiter/conflicts/{id}",
                "/v1/arbiter/conflicts/stream",
                "/v1/arbiter/resolution/history",
                "/v1/arbiter/policy",
                "/v1/arbiter/policy/{table}",
            }
        )
            Assert.True(paths[path] is not null, path);
        var list = paths["/v1/arbiter/conflicts"]!["get"]!["parameters"]!.AsArray();
        Assert.Equal(
            ["before", "key", "limit", "peer", "relation", "since", "state", "subscription", "type", "until"],
            list.Select(parameter => (string?)parameter!["name"]).Order(StringComparer.Ordinal)
        );
        Assert.All(list, parameter => Assert.False(string.IsNullOrEmpty((string?)parameter!["description"]), (string?)parameter!["name"]));
        var decide = paths["/v1/arbiter/conflicts/{id}/resolution"]!["post"]!;
        Assert.NotNull(decide["requestBody"]!["content"]!["application/json"]!["schema"]);
        Assert.True(decide["responses"]!["404"] is not null && decide["responses"]!["409"] is not null);
        Assert.NotNull(paths["/v1/arbiter/conflicts/stream"]!["get"]!["responses"]!["200"]!["content"]!["text/event-stream"]);
        Assert.Equal(
            ["table"],
            paths["/v1/arbiter/replicaset/{table}"]!["put"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"])
        );
        Assert.Equal(
            ["scope", "table"],
            paths["/v1/arbiter/policy/{table}"]!["put"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"])
        );
    }

    private async Task FindingAsync(MeshNode node, string? expected)
    {
        var last = "";
        await Eventually.TrueAsync(
            expected is null ? $"node {node.Id} finds nothing amiss" : $"node {node.Id} finds that {expected}",
            async () =>
            {
                var table = (await node.Api.GetAsync("/v1/arbiter/replicaset/status")).Expect(200).Json["replicaset"]!
                    .AsArray()
                    .Single(entry => (string?)entry!["relation"] == ConflictMesh.Table)!;
                last = table["findings"]!.ToJsonString();
                return expected is null ? last == "[]" : last.Contains(expected, StringComparison.Ordinal);
            },
            () => last + "\n" + conflicts.Mesh.Diagnose()
        );
    }
}
