using System.Globalization;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Comparisons;

/// <summary>What a comparison found is made equal by rule, and what that replaces is in the history.</summary>
public sealed class RepairTests
{
    private const string Rows = "select string_agg(id || '=' || name, ' ' order by id) from item";

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(18, 18, 18)]
    [TierAll(16, 17, 18)]
    [TierAll(15, 18, 18)]
    public async Task Repair_ByEachRule_MakesTheNodesEqualAndKeepsWhatItReplaces(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        await mesh.EverywhereAsync("create table item (id int primary key, name text)");
        await mesh.ReplicateAllAsync("public.item");
        await mesh[0].ExecuteAsync("insert into item select n, 'old' from generate_series(1, 6) n");
        await mesh.AgreeAsync(Rows, "1=old 2=old 3=old 4=old 5=old 6=old");
        await mesh[1]
            .PlantAsync(
                "update item set name = 'planted' where id in (1, 3, 4); delete from item where id = 2; "
                    + "insert into item values (7, 'planted')"
            );
        var id = await mesh[0].CompareAsync();
        Assert.Equal(5, (int)(await mesh[0].ComparedAsync(id)).Table("public.item")["different"]!);
        var differences = (await mesh[0].DifferencesAsync(id)).ToDictionary(
            difference => (string)difference["key"]!["id"]!,
            difference => (long)difference["id"]!
        );
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/comparisons/{id}/repair");
        (await mesh[0].Api.PostAsync(path, new { rule = "oldest" })).ExpectProblem(400, "rule");
        (await mesh[0].Api.PostAsync(path, new { rule = "node:9" })).ExpectProblem(409, "not part of");
        (await mesh[0].Api.PostAsync(path, new { table = "public.other" })).ExpectProblem(404, "public.other");

        // The preview counts, and writes nothing.
        var preview = await RepairAsync(mesh[0], path, new { rule = "newest", dry_run = true });
        Assert.Equal((5, 0, 0, 5), Counts(preview));
        Assert.Equal(
            ["0: 1 3 0", "1: 1 0 0", "2: 1 3 0"],
            preview["nodes"]!.AsArray().Select(node => $"{node!["node"]}: {node["inserted"]} {node["replaced"]} {node["deleted"]}")
        );
        Assert.Equal("1=old 2=old 3=old 4=old 5=old 6=old", await mesh[0].TextAsync(Rows));

        // One key by the node that has the older version: it gets a new stamp, and the planted one is in the history.
        var one = await RepairAsync(mesh[0], path, new { rule = "node:0", keys = new[] { differences["1"] } });
        Assert.Equal((1, 0, 0, 4), Counts(one));
        await mesh.AgreeAsync("select name from item where id = 1", "old");
        await AwaitReplacedAsync(mesh[1], 1, "planted");

        // What was written since is left alone. By the majority what only one node has is deleted, and restored there.
        await mesh[0].ExecuteAsync("update item set name = 'written' where id = 4");
        await mesh.AgreeAsync("select name from item where id = 4", "written");
        var most = await RepairAsync(
            mesh[0],
            path,
            new { rule = "majority", keys = new[] { differences["2"], differences["4"], differences["7"] } }
        );
        Assert.Equal((2, 1), (Counts(most).Repaired, Counts(most).Changed));
        await mesh.AgreeAsync(
            "select string_agg(id || '=' || name, ' ' order by id) from item where id <> 3",
            "1=old 2=old 4=written 5=old 6=old"
        );
        await AwaitReplacedAsync(mesh[1], 7, "planted");

        // Another node than the one that compared announces its row, under its own stamp.
        var newest = await RepairAsync(mesh[0], path, new { table = "public.item" });
        Assert.Equal(0, Counts(newest).Left);
        await mesh.AgreeAsync(Rows, "1=old 2=old 3=planted 4=written 5=old 6=old");
        await AwaitReplacedAsync(mesh[0], 3, "old");
        await AwaitReplacedAsync(mesh[2], 3, "old");
        await mesh.RestAsync();
        Assert.True((bool)(await mesh[2].ComparedAsync(await mesh[2].CompareAsync())).Table("public.item")["is_proven"]!);
        Assert.Equal(
            "repair|compare",
            await mesh[0]
                .TextAsync(
                    "select string_agg(distinct action, '|' order by action desc) from trktr.audit "
                        + "where action in ('compare', 'repair') and outcome = 'done'"
                )
        );
    }

    /// <summary>Waits until the history of a node has a version of a row that was replaced, once.</summary>
    private static Task AwaitReplacedAsync(MeshNode node, int id, string name) =>
        node.AwaitTextAsync(
            $"select count(*) from trktr.history where relation = 'public.item' and key ->> 'id' = '{id}' "
                + $"and local_row ->> 'name' = '{name}'",
            "1"
        );

    private static (int Repaired, int Changed, int Undecided, int Left) Counts(JsonNode result) =>
        ((int)result["repaired"]!, (int)result["changed"]!, (int)result["undecided"]!, (int)result["left"]!);

    private static async Task<JsonNode> RepairAsync(MeshNode node, string path, object body)
    {
        var task = (await node.Api.PostAsync(path, body)).Expect(202).Json["task"]!;
        var wait = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{(long)task["id"]!}?wait=90");
        var report = (await node.Api.GetAsync(wait)).Expect(200).Json;
        Assert.True((string?)report["task"]!["state"] == "succeeded", $"{report}\n{node.Diagnose()}");
        return report["task"]!["result"]!;
    }
}
