using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Detector;

/// <summary>
/// Heartbeats reach everybody, and show how far everybody is; who left holds nothing back, and who has just come does
/// until it has acknowledged.
/// </summary>
public sealed class HeartbeatTests
{
    [Fact]
    [Trait("Tier", "all")]
    public async Task Horizon_MovesWithEverybody_StandsWhileOneIsAway_AndForgetsWhoLeft()
    {
        await using var mesh = await TestMesh.StartFullAsync(16, 17, 18);
        foreach (var node in mesh.Nodes)
        {
            await MovesAsync(node);
            await WatchedTable.AwaitHeartbeatsAsync(node, 1);
            // What earlier releases do not have is offered to each subscriber that asks for it.
            Assert.Equal(
                "trktr.account\ntrktr.audit\ntrktr.node\ntrktr.truncation",
                await node.TextAsync(
                    "select schemaname || '.' || tablename from pg_publication_tables where pubname = 'trktr_pub' order by 1"
                )
            );
        }

        // Each peer's arbiter says by its own clock when it was received last; nobody else writes another's row.
        Assert.Equal("0\n1\n2", await mesh[2].TextAsync("select distinct node_id from trktr.heartbeat_receipt order by 1"));
        var subscription = (await mesh[0].SubscriptionAsync(2))!;
        Assert.True(DateTimeOffset.UtcNow - (DateTimeOffset)subscription["last_heartbeat"]! < TimeSpan.FromMinutes(1));

        await mesh[2].Arbiter.KillAsync();
        await StandsAsync(mesh[0]);
        await mesh[2].Arbiter.StartAsync();
        await MovesAsync(mesh[0]);

        (await mesh[2].Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
        foreach (var node in mesh.Nodes.Take(2))
            await node.Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 2 });
        foreach (var node in mesh.Nodes.Take(2))
        {
            await MovesAsync(node);
            await node.AwaitTextAsync("select distinct node_id from trktr.heartbeat_receipt order by 1", "0\n1");
        }

        // As another incarnation; until it has acknowledged nothing is known to be everywhere.
        (await mesh[2].Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh.SubscribeAsync(2, 0);
        await StandsAsync(mesh[0]);
        await mesh.SubscribeAsync(0, 2);
        await mesh.SubscribeAsync(2, 1);
        await mesh.SubscribeAsync(1, 2);
        foreach (var node in mesh.Nodes)
            await MovesAsync(node);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task PeerOfAnEarlierRelease_IsNotSentWhatItDoesNotHave_AndStreams()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18);
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        // Node 0 offers nothing, as before there were heartbeats.
        await mesh[0].ExecuteAsync("drop function trktr.offer_tables(integer, text[])");
        await mesh.SubscribeAsync(0, 1);
        await mesh.SubscribeAsync(1, 0);
        await mesh.ReplicateAsync("public.item", "create table item (id int primary key)");
        await mesh[0].ExecuteAsync("insert into item values (1)");
        await mesh[1].ExecuteAsync("insert into item values (2)");
        await mesh.AgreeAsync("select id from item order by id", "1\n2");
        await WatchedTable.AwaitHeartbeatsAsync(mesh[0], 1);
        Assert.Equal(
            "",
            await mesh[1]
                .TextAsync(
                    "select c.relname::text from pg_subscription_rel r join pg_class c on c.oid = r.srrelid where c.relname = 'heartbeat'"
                )
        );
        var findings = (await mesh[1].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray();
        Assert.Contains(
            "No heartbeat of node 0",
            (string?)findings.Single(finding => (string?)finding!["check"] == "heartbeat_0")!["found"],
            StringComparison.Ordinal
        );
        await mesh[1].AwaitStateAsync(0, "streaming");
    }

    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Leave_AfterHeartbeatsAndTriggers_LeavesNothing(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major, major);
        await mesh.EverywhereAsync(
            "create table parts (id int primary key, v text) partition by range (id); create table parts_1 partition of parts "
                + "for values from (0) to (10)"
        );
        var before = new[] { await CatalogSnapshot.TakeAsync(mesh[0]), await CatalogSnapshot.TakeAsync(mesh[1]) };
        await mesh.ConnectAllAsync();
        foreach (var node in mesh.Nodes)
            await node.StageAsync("public.parts");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        foreach (var node in mesh.Nodes)
        {
            await MovesAsync(node);
            Assert.Equal(WatchedTable.AllTriggers, await WatchedTable.TriggersAsync(node, "parts_1"));
        }

        foreach (var node in mesh.Nodes)
            (await node.Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
        Assert.Equal(before, new[] { await CatalogSnapshot.TakeAsync(mesh[0]), await CatalogSnapshot.TakeAsync(mesh[1]) });
    }

    private static async Task MovesAsync(MeshNode node)
    {
        var before = await node.TextAsync("select xid from trktr.stable_xid");
        await Eventually.TrueAsync(
            $"the horizon of node {node.Id} moves",
            async () => await node.TextAsync("select xid from trktr.stable_xid") is { Length: > 0 } now && now != before,
            node.Diagnose
        );
    }

    /// <summary>Waits until the horizon does not move any more for some heartbeats, or is gone.</summary>
    private static async Task StandsAsync(MeshNode node)
    {
        var last = "";
        await Eventually.TrueAsync(
            $"the horizon of node {node.Id} stands",
            async () =>
            {
                var before = last;
                await WatchedTable.AwaitOwnHeartbeatsAsync(node, 3);
                return (last = "=" + await node.TextAsync("select xid from trktr.stable_xid")) == before;
            },
            node.Diagnose
        );
    }
}
