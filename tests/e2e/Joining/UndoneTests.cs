using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Joining;

/// <summary>A join that is cancelled or fails leaves nothing behind, wherever it is, and can be repeated.</summary>
public sealed class UndoneTests
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Join_CancelledAtEachStep_LeavesNothing_AndCanBeRepeated()
    {
        await using var mesh = await JoiningMesh.StartAsync(3000, 18, 16);
        await mesh.AddAsync(17);
        await using var writers = new JoiningMesh.Writers(mesh.Nodes.Take(2), 3000);

        // It waits for the snapshot, because a transaction is open on the source.
        await using (var open = await mesh[0].OpenAsync())
        {
            await open.ExecuteAsync("begin; insert into empty values (gen_random_uuid(), 'open')");
            await Task.Delay(3500);
            var id = await mesh.JoinAsync();
            await AwaitWaitAsync(mesh, id, "transactions that are open");
            (await mesh[2].Api.PutAsync("/v1/arbiter/join", mesh.Body())).ExpectProblem(409, "part of a mesh already");
            (await mesh[2].Api.PostAsync("/v1/arbiter/subscription/1/resume")).ExpectProblem(409, "joins the mesh");
            (await mesh[2].Api.DeleteAsync(JoiningMesh.Path(id))).Expect(200);
            await mesh.JoinedAsync(id, "cancelled");
            await AssertNothingIsLeftAsync(mesh);
            await open.ExecuteAsync("commit");
        }

        // Rows are being copied, and a table here is locked.
        await using (var locked = await mesh[2].OpenAsync())
        {
            await locked.ExecuteAsync("begin; lock table part in share mode");
            var id = await mesh.JoinAsync();
            await mesh[2].AwaitTextAsync("select count(*) > 0 from trktr.join_range where table_name = 'item'", "True");
            (await mesh[2].Api.DeleteAsync(JoiningMesh.Path(id))).Expect(200);
            await Task.Delay(500);
            await locked.ExecuteAsync("rollback");
            await mesh.JoinedAsync(id, "cancelled");
            await AssertNothingIsLeftAsync(mesh);
        }

        // Everything is copied, and the tables cannot be opened, because an arbiter does not answer; nor does it at
        // first when the join is undone.
        await using (var locked = await mesh[2].OpenAsync())
        {
            await locked.ExecuteAsync("begin; lock table part in share mode");
            var id = await mesh.JoinAsync();
            await mesh[2].AwaitTextAsync("select count(*) > 0 from trktr.join_range where table_name = 'item'", "True");
            mesh[1].Arbiter.Suspend();
            await locked.ExecuteAsync("rollback");
            await mesh[2].AwaitTextAsync("select phase from trktr.join_state", "opening");
            (await mesh[2].Api.DeleteAsync(JoiningMesh.Path(id))).Expect(200);
            await Task.Delay(3000);
            mesh[1].Arbiter.Wake();
            await mesh.JoinedAsync(id, "cancelled");
            await AssertNothingIsLeftAsync(mesh);
        }

        var last = await mesh.JoinAsync(source: 1);
        await mesh.JoinedAsync(last);
        await writers.StopAsync();
        await mesh.AssertEqualAsync();
        (await mesh[2].Api.DeleteAsync(JoiningMesh.Path(last))).ExpectProblem(409, "is finished");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Join_ThatCannotWork_IsRefusedOrUndone()
    {
        await using var mesh = await JoiningMesh.StartAsync(1000, 18, 18);
        var node = await mesh.AddNodeAsync(18);
        async Task RefusedAsync(int code, string words, JsonNode? body = null)
        {
            (
                await node.Api.PutAsync("/v1/arbiter/join", body ?? JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(mesh.Body())))
            ).ExpectProblem(code, words);
            // Nothing was changed.
            Assert.Equal("", await node.TextAsync("select nspname from pg_namespace where nspname ~ '^trktr'"));
            foreach (var other in mesh.Nodes.Take(2))
                Assert.Equal("0", await other.TextAsync(JoiningMesh.Leftovers));
        }

        JsonNode Body(Action<JsonNode> change)
        {
            var body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(mesh.Body()))!;
            change(body);
            return body;
        }

        await RefusedAsync(409, "does not exist on the subscriber");
        await node.ExecuteAsync(JoiningMesh.Tables.Replace("v int, pad text", "v bigint, pad text", StringComparison.Ordinal));
        await RefusedAsync(409, "Columns differ: v of public.item is bigint");
        await node.ExecuteAsync("alter table item alter v type int; insert into item values (1, 1, 'mine')");
        await RefusedAsync(409, "not empty: public.item");
        await node.ExecuteAsync("truncate item cascade");
        await RefusedAsync(409, "node 2 is this node", Body(body => body["source"]!["node"] = 2));
        await RefusedAsync(409, "leads to node 0, not to node 1", Body(body => body["source"]!["node"] = 1));
        await RefusedAsync(409, "another database than this node's", Body(body => body["connection_string"] = mesh.Conninfo(1, 0)));
        await RefusedAsync(400, "structure", Body(body => body["structure"] = "copy"));
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        (await node.Api.PutAsync("/v1/arbiter/join", mesh.Body())).ExpectProblem(409, "The subscription of node 0 from node 1 is paused");
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume")).Expect(200);
        await mesh.EverywhereAsync("create table late (id int primary key)");
        await mesh[0].StageAsync("public.late");
        await RefusedAsync(409, "Not settled on node 0: public.late");
        await mesh[0].UnstageAsync("public.late");
        await RefusedAsync(503, "cannot be reached", Body(body => body["source"]!["connection_string"] = "host=127.0.0.1 port=1 user=x"));

        // What the checks could not see: a row is in the way when the rows are copied.
        await using (var open = await mesh[0].OpenAsync())
        {
            await open.ExecuteAsync("begin; insert into empty values (gen_random_uuid(), 'open')");
            await Task.Delay(3500);
            var id = await mesh.JoinAsync();
            await AwaitWaitAsync(mesh, id, "transactions that are open");
            await node.ExecuteAsync("insert into item values (1, 1, 'mine')");
            await open.ExecuteAsync("commit");
            var report = await mesh.JoinedAsync(id, "failed");
            Assert.Contains("duplicate key", (string?)report["task"]!["problem"], StringComparison.Ordinal);
            Assert.Equal("mine", await node.TextAsync("select pad from item"));
            await node.ExecuteAsync("truncate item cascade");
            await AssertNothingIsLeftAsync(mesh);
        }

        await mesh.JoinedAsync(await mesh.JoinAsync());
        await mesh.AssertEqualAsync();
    }

    private static async Task AssertNothingIsLeftAsync(TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
            await node.AwaitTextAsync(JoiningMesh.Leftovers, "0");
        Assert.Equal(
            "0|0|0|0|0",
            await mesh[2]
                .TextAsync(
                    "select (select count(*) from item), (select count(*) from wide), (select count(*) from part), (select count(*) from "
                        + "trktr.replicaset), (select count(*) from trktr.join_peer)"
                )
        );
        Assert.Equal("0", await mesh[2].TextAsync("select count(*) from trktr.orphaned_slot"));
        await mesh[0].AwaitStateAsync(1, "streaming");
        await mesh[1].AwaitStateAsync(0, "streaming");
    }

    private static Task AwaitWaitAsync(TestMesh mesh, long id, string why) =>
        Eventually.TrueAsync(
            $"task {id} waits for: {why}",
            async () =>
                ((string?)(await mesh[2].Api.GetAsync(JoiningMesh.Path(id))).Json["task"]!["waits_for"])?.Contains(
                    why,
                    StringComparison.Ordinal
                ) == true,
            mesh.Diagnose
        );
}
