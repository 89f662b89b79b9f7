using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Privileges;
using Traktor.E2ETests.Sandbox;
using Traktor.Engine;
using Traktor.Engine.ConnectionStrings;
using static Traktor.E2ETests.Stories.SlotOfNode1;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Another database that says that it is a node: one with the same NodeID, or a copy. It is refused, and what the real
/// node has on its peers stays as it is, while applications write, after kills, and when the stranger is taken out.
/// </summary>
public sealed class S31_Strangers
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Stranger_WithTheNumberOfANode_IsRefusedAndTouchesNothing()
    {
        await using var mesh = await StartAsync();
        var server = await mesh.Sandbox.StartServerAsync(18);
        await server.ExecuteAsync($"create database {TestMesh.Database}");
        await using var stranger = await ArbiterProcess.StartAsync(1, server.Conninfo(TestMesh.Database));
        var node = new MeshNode(1, server, stranger);
        (await node.Api.PutAsync(Control)).Expect(201);
        var kept = await mesh[0].TextAsync(Kept);

        await using var first = new RowWriter(mesh[0], "of0");
        await using var second = new RowWriter(mesh[1], "of1");
        foreach (var isPaused in (bool[])[false, true])
        {
            // Its slot is in use, and then it is not.
            if (isPaused)
                (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
            await mesh[0]
                .AwaitTextAsync($"select active from pg_replication_slots where slot_name = '{Slot}'", isPaused ? "False" : "True");
            (await SubscribeAsync(node, mesh)).ExpectProblem(409, "another database that is node 1");
            await ForgottenAsync(node);
            Assert.Equal(kept, await mesh[0].TextAsync(Kept));

            await KillAsync(node, FaultPoint.SlotRemembered, () => SubscribeAsync(node, mesh));
            await ForgottenAsync(node);
            Assert.Equal(kept, await mesh[0].TextAsync(Kept));
        }

        // Nor does a peer exchange the real node for it.
        (
            await mesh[0].Api.PutAsync(Subscription, new { inbound_node = 1, connection_string = node.Server.Conninfo(TestMesh.Database) })
        ).ExpectProblem(409, "which still answers");

        await KillAsync(node, FaultPoint.SlotRemembered, () => SubscribeAsync(node, mesh));
        (await node.Api.DeleteAsync(Control)).Expect(200);
        Assert.Equal(kept, await mesh[0].TextAsync(Kept));
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await NothingIsMissingAsync(mesh, await first.FinishAsync(), await second.FinishAsync());
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Copy_OfANodesDatabase_IsRefusedAndTouchesNothing()
    {
        await using var mesh = await StartAsync();
        await CopyAsync(mesh);
        var kept = await mesh[0].TextAsync(Kept);
        await using var first = new RowWriter(mesh[0], "of0");
        await using var second = new RowWriter(mesh[1], "of1");
        await using var arbiter = await ArbiterProcess.StartAsync(1, mesh[1].Server.Conninfo("copy"));
        var copy = new MeshNode(1, mesh[1].Server, arbiter);
        await Eventually.TrueAsync(
            "the status names the copy",
            async () =>
                ((string?)(await copy.StatusAsync())["problem"])?.Contains("is a copy of node 1's", StringComparison.Ordinal) == true,
            copy.Diagnose
        );
        await RefusedAsync();

        // Its record of a heal is the node's, and leads to the node's slot.
        await InCopyAsync("update trktr.subscription set healing_since = now(), healing_state = 'healing'");
        // On another server, which has another system identifier.
        await InCopyAsync("select trktr.adopt_database(); update trktr.database set system_identifier = system_identifier + 1");
        await RefusedAsync();
        (
            await mesh[0].Api.PutAsync(Subscription, new { inbound_node = 1, connection_string = mesh[1].Server.Conninfo("copy") })
        ).ExpectProblem(409, "copy of node 1's database");

        // It signs nothing, and believes nobody.
        var keyOf1 = await ForgedCalls.KeyOfAsync(mesh[1]);
        await ForgedCalls.RefusedAsync(
            copy,
            ForgedCalls.Sign(copy, 0, await ForgedCalls.KeyOfAsync(mesh[0])),
            "does not know any other node"
        );

        // Somebody says that it has replaced the node, which is not so: its peer knows. Its key is its own.
        await InCopyAsync("select trktr.adopt_database()");
        await Eventually.TrueAsync("it works as a node", async () => (await copy.StatusAsync())["problem"] is null, copy.Diagnose);
        await Eventually.TrueAsync(
            "it has another key",
            async () =>
                await InCopyAsync($"select count(*) from trktr.node_key where public_key <> decode('{keyOf1.Public.Hex()}', 'hex')") == 1,
            copy.Diagnose
        );
        (await SubscribeAsync(copy, mesh)).ExpectProblem(409, "another database that is node 1");
        await InCopyAsync(
            "insert into trktr.orphaned_slot (inbound_node, connection_string) values (0, "
                + $"'{mesh[0].Server.Conninfo(TestMesh.Database).Replace("'", "''", StringComparison.Ordinal)}')"
        );
        await Eventually.TrueAsync(
            "the janitor has forgotten the slot that is not its own",
            async () => await InCopyAsync("select count(*) from trktr.orphaned_slot") == 0,
            copy.Diagnose
        );
        (await copy.Api.DeleteAsync(Control)).Expect(200);
        Assert.Equal(kept, await mesh[0].TextAsync(Kept));
        await ForgedCalls.AcceptedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 1, keyOf1));
        await NothingIsMissingAsync(mesh, await first.FinishAsync(), await second.FinishAsync());

        async Task RefusedAsync()
        {
            (await SubscribeAsync(copy, mesh)).ExpectProblem(409, "is a copy of node 1's");
            (await copy.Api.DeleteAsync(Subscription, new { inbound_node = 0 })).ExpectProblem(409, "is a copy of node 1's");
            (await copy.Api.DeleteAsync(Control)).ExpectProblem(409, "is a copy of node 1's");
        }

        async Task<long?> InCopyAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(Conninfo.Parse(mesh[1].Server.Conninfo("copy")).ToNpgsql().ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync() as long?;
        }
    }

    /// <summary>
    /// A node whose database is lost gets a new one: the operator says on the peer that the old one is gone.
    /// </summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task NodeOnANewDatabase_AfterItsOldOneIsGone_SubscribesOnceThePeerWasTold()
    {
        await using var mesh = await TestMesh.StartAsync([18, 18], null);
        await mesh.ConnectAllAsync();
        var lost = await ForgedCalls.KeyOfAsync(mesh[1]);
        await mesh[1].Arbiter.TerminateAsync();
        await mesh[1].ExecuteAsync($"alter subscription {Slot} disable; alter subscription {Slot} set (slot_name = none)");
        await mesh[1].ExecuteAsync($"drop subscription {Slot}; drop schema trktr, trktr_routine cascade");
        await mesh[1].ExecuteAsync("drop publication trktr_pub, trktr_pub_to_0, trktr_pub_origin_marks");
        await mesh[1].Arbiter.StartAsync();
        (await mesh[1].Api.PutAsync(Control)).Expect(201);

        var refusal = (await SubscribeAsync(mesh[1], mesh)).ExpectProblem(409, "another database that is node 1");
        var hint = (string)refusal.Json["hint"]!;
        await mesh[0].ExecuteAsync(hint[hint.IndexOf("SELECT", StringComparison.Ordinal)..]);
        await mesh.SubscribeAsync(1, 0);
        await mesh[1].AwaitStateAsync(0, "streaming");
        // Node 0 still has the row that the old database sent.
        await ForgedCalls.KnownAsync(mesh[0], 1, await ForgedCalls.KeyOfAsync(mesh[1]));
        await ForgedCalls.RefusedAsync(mesh[0], ForgedCalls.Sign(mesh[0], 1, lost), "is not signed with the key");
    }

    private static async Task<TestMesh> StartAsync()
    {
        var mesh = await TestMesh.StartAsync([18, 18], null);
        await mesh.ConnectAllAsync();
        await mesh.ReplicateAsync("public.of0", "create table of0 (id bigint primary key)");
        await mesh.ReplicateAsync("public.of1", "create table of1 (id bigint primary key)");
        return mesh;
    }

    /// <summary>Makes the database "copy" out of node 1's, which nobody may use meanwhile.</summary>
    private static async Task CopyAsync(TestMesh mesh)
    {
        foreach (var (node, from) in (IEnumerable<(int, int)>)[(0, 1), (1, 0)])
            (await mesh[node].Api.PostAsync($"/v1/arbiter/subscription/{from}/pause")).Expect(200);
        foreach (var node in mesh.Nodes)
            await node.Arbiter.TerminateAsync();
        NpgsqlConnection.ClearAllPools();
        await mesh[1].Server.ExecuteAsync($"create database copy template {TestMesh.Database}");
        foreach (var node in mesh.Nodes)
        {
            await node.Arbiter.StartAsync();
            await ReachableAsync(node);
        }

        foreach (var (node, from) in (IEnumerable<(int, int)>)[(0, 1), (1, 0)])
            (await mesh[node].Api.PostAsync($"/v1/arbiter/subscription/{from}/resume")).Expect(200);
    }

    private static async Task NothingIsMissingAsync(TestMesh mesh, long first, long second)
    {
        foreach (var node in mesh.Nodes)
        {
            Assert.Equal(1, await RowWriter.GaplessStartAsync(node, "of0", first));
            Assert.Equal(1, await RowWriter.GaplessStartAsync(node, "of1", second));
        }
    }
}
