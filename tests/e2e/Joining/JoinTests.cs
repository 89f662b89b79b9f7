using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Joining;

/// <summary>A node joins a mesh with its data while everybody writes.</summary>
public sealed class JoinTests
{
    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(16, 17, 18)]
    [TierAll(18, 16, 17)]
    [TierAll(18, 18, 16)]
    [TierAll(17, 17, 17)]
    public async Task Node_UnderWritersThatNeverStop_EndsEqual(int first, int second, int joining)
    {
        await using var mesh = await JoiningMesh.StartAsync(20_000, first, second);
        await mesh[0]
            .ExecuteAsync(
                "insert into wide (b, d) select decode(string_agg(md5(n::text), ''), 'hex'), 1 from generate_series(1, 100000) n"
            );
        (await mesh[1].Api.PutAsync("/v1/arbiter/policy/public.child?scope=mesh", new { policy = "node_priority" })).Expect(200);
        (
            await mesh[1].Api.PutAsync("/v1/arbiter/priority?scope=mesh", new { priorities = new Dictionary<string, int> { ["1"] = -1 } })
        ).Expect(200);
        await mesh.AddAsync(joining);
        await using (var writers = new JoiningMesh.Writers(mesh.Nodes.Take(2), 20_000))
        {
            var id = await mesh.JoinAsync();
            var report = await mesh.JoinedAsync(id);
            Assert.Equal(5, (int)report["task"]!["result"]!["tables"]!);
            Assert.True((int)report["task"]!["result"]!["different"]! == 0, report.ToString());
            Assert.Null(report["task"]!["result"]!["problem"]);
            // It is a node like the others by now.
            await using var more = new JoiningMesh.Writers([mesh[2]], 20_000);
            await Task.Delay(2000);
            Assert.True(await writers.StopAsync() > 100);
        }

        await mesh.AssertEqualAsync();
        Assert.Equal("node_priority", await mesh[2].TextAsync("select policy from trktr.replicaset where table_name = 'child'"));
        Assert.Equal("1|-1", await mesh[2].TextAsync("select node_id, priority from trktr.node_priority"));
        Assert.Equal("3", await mesh[2].TextAsync("select count(*) from trktr.node"));
        // Nothing that was copied went out again, and no number is given twice.
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from trktr.history where peer = 2 and conflict_type = 'insert_exists'"));
        Assert.True(await mesh[2].ScalarAsync<bool>("select nextval('wide_id_seq') > 501"));
    }
}
