using System.Globalization;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Comparisons;

/// <summary>
/// Rows that a node may lack stay on record, on both nodes, until a comparison that saw the record has proven the table
/// to be equal; green streams do not close it, nor does making the subscription anew.
/// </summary>
public sealed class NeedsResyncTests
{
    private const string Item = "public.item";
    private const string Rows = "select count(*), max(id) from item";

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(18, 18)]
    [TierAll(15, 16)]
    [TierAll(17, 18)]
    public async Task SubscribedAnew_WithRowsMissing_IsOnRecordUntilItIsProvenEqual(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.ReplicateAsync(Item, "create table item (id int primary key)");
        await mesh.ReplicateAsync("public.empty", "create table empty (id int primary key)");
        await mesh[0].ExecuteAsync("insert into item values (1)");
        await mesh.AgreeAsync(Rows, "1|1");
        Assert.Empty(await LackingAsync(mesh[0], Item));

        (await mesh[1].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 0 })).Expect(200);
        await mesh[0].ExecuteAsync("insert into item select generate_series(2, 100)");
        await mesh.SubscribeAsync(1, 0);
        await mesh[1].AwaitStateAsync(0, "streaming");
        await mesh[0].ExecuteAsync("insert into item values (101)");
        await mesh[1].AwaitTextAsync(Rows, "2|101");

        // Both nodes say so; a table that never had rows lacks none.
        Assert.Equal("1", await LackingAsync(mesh[0], Item));
        Assert.Empty(await LackingAsync(mesh[0], "public.empty"));
        await AwaitFindingAsync(mesh[0], Item, "Node 1 receives from node 0 since");
        await AwaitFindingAsync(mesh[1], Item, "Node 1 receives from node 0 since");

        // A comparison that finds differences closes nothing, its repair does: on the node that has the rows, too.
        var id = await mesh[1].CompareAsync();
        Assert.Equal(99, (int)(await mesh[1].ComparedAsync(id)).Table(Item)["different"]!);
        Assert.Equal("1", await LackingAsync(mesh[0], Item));
        await RepairAsync(mesh[1], id);
        await mesh.AgreeAsync(Rows, "101|101");
        Assert.Empty(await LackingAsync(mesh[0], Item));
        await AwaitNoFindingAsync(mesh[0], Item);
        await AwaitNoFindingAsync(mesh[1], Item);
        foreach (var node in mesh.Nodes)
        {
            var proof = (await node.TableAsync(Item))!["proof"]!;
            Assert.Equal((1, id), ((int)proof["node"]!, (long)proof["comparison"]!));
        }

        Assert.Equal(
            "done",
            await mesh[0].TextAsync("select outcome from trktr.audit where node_id = 0 and action = 'prove' and outcome = 'done' limit 1")
        );
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(18, 18)]
    public async Task OutOfThePublication_ByAnyWay_IsOnRecord(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.ReplicateAsync(Item, "create table item (id int primary key)");
        await mesh.ReplicateAsync("public.other", "create table other (id int primary key)");
        await mesh[0].ExecuteAsync("insert into item select generate_series(1, 10)");
        await mesh.AgreeAsync(Rows, "10|10");

        // Taken out by hand, and put in again by hand.
        await mesh[0].ExecuteAsync("alter publication trktr_pub drop table item");
        await Eventually.TrueAsync("it is on record", async () => (await LackingAsync(mesh[0], Item)).Length > 0, mesh.Diagnose);
        await mesh[0].ExecuteAsync("insert into item values (11)");
        await mesh[0].ExecuteAsync("alter publication trktr_pub add table item");
        await mesh[0].ExecuteAsync("insert into item values (12)");
        await mesh[1].AwaitTextAsync(Rows, "11|12");
        await AwaitFindingAsync(mesh[1], Item, "Node 0 did not publish public.item for a time");
        Assert.Empty(await LackingAsync(mesh[0], "public.other"));
        var first = await mesh[0].TextAsync("select id from trktr.resync");

        // Dropped and made again: opened by PATCH, and node 0 lacks what node 1 has.
        await mesh[0].ExecuteAsync("drop table item; create table item (id int primary key)");
        await Eventually.TrueAsync(
            "it is not open any more",
            async () => (string?)(await mesh[0].TableAsync(Item))!["status"] == "pending-add",
            mesh.Diagnose
        );
        await mesh[0].CommitAsync();
        Assert.Equal("1", await LackingAsync(mesh[0], Item));
        Assert.NotEqual(first, await mesh[0].TextAsync("select id from trktr.resync"));
        var id = await mesh[0].CompareAsync(new { tables = new[] { Item }, nodes = "all" });
        Assert.Equal(11, (int)(await mesh[0].ComparedAsync(id)).Table(Item)["different"]!);
        await RepairAsync(mesh[0], id);
        await mesh.AgreeAsync(Rows, "11|12");
        Assert.Empty(await LackingAsync(mesh[0], Item));
    }

    /// <summary>A proof closes the very records that its comparison saw: no other table's, no newer one, of no other
    /// nodes.</summary>
    [Theory]
    [InTurn(18, 18)]
    public async Task Proof_ClosesOnlyWhatTheComparisonSaw(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.ReplicateAsync(Item, "create table item (id int primary key)");
        await mesh[0].ExecuteAsync("insert into item values (1)");
        await mesh.AgreeAsync(Rows, "1|1");
        await mesh[0].ExecuteAsync("select trktr.register_subscriber(1)");
        var shape = (await mesh[0].Api.GetAsync($"/v1/arbiter/row-hashes/{Item}")).Expect(200).Json;
        var seen = (string)Assert.Single(shape["resync"]!.AsArray())!["id"]!;
        var now = "2026-11-23T09:00:00Z";

        await mesh[0].ExecuteAsync("select trktr.register_subscriber(1)");
        await ProveAsync(mesh[0], seen, now);
        Assert.Equal("1", await LackingAsync(mesh[0], Item));
        seen = await mesh[0].TextAsync("select id from trktr.resync");
        await ProveAsync(mesh[0], seen, now, nodes: [0, 2]);
        await ProveAsync(mesh[0], seen, now, table: "public.other");
        Assert.Equal("1", await LackingAsync(mesh[0], Item));

        // What the peer does not receive all of yet is not offered to a comparison.
        await mesh[0].ExecuteAsync("alter publication trktr_pub drop table item");
        shape = (await mesh[0].Api.GetAsync($"/v1/arbiter/row-hashes/{Item}")).Expect(200).Json;
        Assert.Empty(shape["resync"]!.AsArray());
        await mesh[0].ExecuteAsync("alter publication trktr_pub add table item");

        seen = await mesh[0].TextAsync("select id from trktr.resync");
        await ProveAsync(mesh[0], seen, now);
        Assert.Empty(await LackingAsync(mesh[0], Item));
        (
            await mesh[0]
                .Api.PostAsync(
                    "/v1/arbiter/proofs",
                    new
                    {
                        node = 1,
                        comparison = 1,
                        nodes = new[] { 0 },
                        tables = Array.Empty<object>(),
                    }
                )
        ).ExpectProblem(400, "nodes");
    }

    private static async Task ProveAsync(MeshNode node, string seen, string at, int[]? nodes = null, string table = Item) =>
        (
            await node.Api.PostAsync(
                "/v1/arbiter/proofs",
                new
                {
                    node = 1,
                    comparison = 1,
                    nodes = nodes ?? [0, 1],
                    tables = new[]
                    {
                        new
                        {
                            relation = table,
                            proven_at = at,
                            rows = 1,
                            resync = new[] { seen },
                        },
                    },
                }
            )
        ).Expect(200);

    private static async Task RepairAsync(MeshNode node, long id)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/comparisons/{id}/repair");
        var task = (long)(await node.Api.PostAsync(path, new { rule = "newest" })).Expect(202).Json["task"]!["id"]!;
        var report = (await node.Api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{task}?wait=90"))).Expect(
            200
        );
        Assert.True((string?)report.Json["task"]!["state"] == "succeeded", report.Text);
    }

    private static async Task<string> LackingAsync(MeshNode node, string table) =>
        string.Join(',', (await node.TableAsync(table))!["needs_resync"]!.AsArray());

    private static Task AwaitFindingAsync(MeshNode node, string table, string words) =>
        Eventually.TrueAsync(
            $"node {node.Id} says: {words}",
            async () => (await ResyncAsync(node, table)).Any(found => found.Contains(words, StringComparison.Ordinal)),
            node.Diagnose
        );

    private static Task AwaitNoFindingAsync(MeshNode node, string table) =>
        Eventually.TrueAsync($"node {node.Id} has nothing to say", async () => (await ResyncAsync(node, table)).Count == 0, node.Diagnose);

    private static async Task<IReadOnlyList<string>> ResyncAsync(MeshNode node, string table) =>
        [
            .. (await node.TableAsync(table))!["findings"]!
                .AsArray()
                .Where(finding => (string?)finding!["check"] == "resync")
                .Select(finding => (string)finding!["found"]!),
        ];
}
