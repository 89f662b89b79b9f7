using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>What each policy makes of one key that was written on both sides.</summary>
public sealed class S19_Policies
{
    // Node 1 writes first, node 0 later. The nodes' states in the end, node 0 first; they stay so.
    [Theory]
    [InTurn(16, "last_update_wins", "from 0", "from 0")]
    [InTurn(18, "last_update_wins", "from 0", "from 0")]
    [InlineData(17, "first_update_wins", "from 1", "from 1")]
    [InlineData(16, "node_priority", "from 1", "from 1")]
    [InlineData(18, "keep_local", "from 0", "from 1")]
    [InlineData(17, "apply_remote", "from 1", "from 0")]
    public async Task Policy_SameKeyOnBothSides_DoesWhatItSays(int major, string policy, string on0, string on1)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await mesh.EverywhereAsync($"update trktr.replicaset set policy = '{policy}'");
        if (policy == "node_priority")
            await mesh.EverywhereAsync("insert into trktr.node_priority values (1, -5)");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'from 1'), (11, 'beside it')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'from 0'), (10, 'beside it')");
        Split.Heal(mesh, 1);
        foreach (var node in mesh.Nodes)
            await Eventually.TrueAsync(
                "all rows are there",
                async () => await node.TextAsync("select count(*) from item") == "3",
                mesh.Diagnose
            );
        await mesh.RestAsync();
        foreach (var (node, expected) in ((MeshNode, string)[])[(mesh[0], on0), (mesh[1], on1)])
        {
            Assert.Equal(expected, await node.TextAsync("select name from item where id = 1"));
            var kept = expected == $"from {node.Id}" ? "keep_local" : "apply_remote";
            Assert.Equal(
                $"{policy}|{kept}|{kept}|policy",
                await node.TextAsync("select policy, outcome, resolution, resolved_by from trktr.history")
            );
        }
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(18)]
    public async Task UpdatesAndDeletes_BesideAConflict_AreDecidedAndRecorded(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await mesh[0].ExecuteAsync("insert into item select i, 'old' from generate_series(1, 6) i");
        await mesh.AgreeAsync("select count(*) from item", "6");
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        await mesh[0]
            .ExecuteAsync(
                "begin; insert into item values (9, 'from 0'); update item set name = 'from 0' where id in (1, 2, 3); delete "
                    + "from item where id in (4, 5); update item set name = 'ordinary' where id = 6; commit"
            );
        await mesh[1]
            .ExecuteAsync(
                "insert into item values (9, 'from 1'); update item set name = 'from 1' where id in (1, 4); delete from item "
                    + "where id in (2, 5)"
            );
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await Eventually.TrueAsync(
            "it is healed",
            async () => await mesh[1].TextAsync("select name from item where id = 6") == "ordinary",
            mesh.Diagnose
        );
        Assert.Equal("1|from 1\n3|from 0\n6|ordinary\n9|from 1", await mesh[1].TextAsync("select * from item order by id"));
        Assert.Equal(
            "1|update_origin_differs|keep_local|from 1|from 0\n2|update_missing|keep_local||from "
                + "0\n4|delete_origin_differs|apply_remote|from 1|\n5|delete_missing|keep_local||\n9|insert_exists|keep_local|from "
                + "1|from 0",
            await mesh[1]
                .TextAsync(
                    "select key ->> 'id', conflict_type, resolution, local_row ->> 'name', remote_row ->> 'name' from "
                        + "trktr.history order by 1"
                )
        );
    }
}
