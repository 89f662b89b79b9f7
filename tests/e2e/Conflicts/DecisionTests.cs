using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>Decisions by hand, on this node and on the peer that has the same row waiting.</summary>
public sealed class DecisionTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    private RestApi Api => conflicts.Mesh[0].Api;

    [Fact]
    public async Task Decide_Once_IsRecordedAndTwiceRefused()
    {
        var id = await conflicts.WaitingAsync(0, 2001);

        var report = (
            await DecideAsync(
                id,
                new
                {
                    resolution = "apply_remote",
                    scope = "node",
                    by = "Night shift",
                }
            )
        ).Expect(200).Json;

        Assert.Equal(
            ("apply_remote", "Night shift", "pending"),
            ((string?)report["conflict"]!["decision"], (string?)report["conflict"]!["decided_by"], (string?)report["conflict"]!["state"])
        );
        Assert.Equal(
            """[{"node":0,"result":"done","conflict":ID,"decision":"apply_remote","detail":null}]""".Replace(
                "ID",
                $"{id}",
                StringComparison.Ordinal
            ),
            report["nodes"]!.ToJsonString()
        );
        Assert.Equal(
            "apply_remote|Night shift",
            await conflicts.Mesh[0].TextAsync($"select decision, decided_by from trktr.history where id = {id}")
        );
        Assert.Contains(
            "already decided",
            (string?)(await DecideAsync(id, new { resolution = "keep_local" })).Expect(409).Json["detail"],
            StringComparison.Ordinal
        );
        await conflicts.ResolveAsync(0, id);
        Assert.Contains(
            "already resolved",
            (string?)(await DecideAsync(id, new { resolution = "keep_local" })).Expect(409).Json["detail"],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Decide_ByManyAtOnce_OneWins()
    {
        var id = await conflicts.WaitingAsync(0, 2002);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => DecideAsync(id, new { resolution = "newest", scope = "node" }))
        );
        Assert.Equal(1, answers.Count(answer => answer.Code == 200));
        Assert.Equal(7, answers.Count(answer => answer.Code == 409));
    }

    [Fact]
    public async Task Decide_Wrong_IsRefusedWithASentence()
    {
        var id = await conflicts.WaitingAsync(0, 2003);
        (await DecideAsync(999999999, new { resolution = "newest" })).Expect(404);
        (await DecideAsync(id, new { resolution = "merge" })).Expect(400);
        (await DecideAsync(id, new { resolution = "merge", row = new { id = 1 } })).Expect(400);
        (await DecideAsync(id, new { resolution = "merge", row = new { id = 2003, nothing = 1 } })).Expect(400);
        (await DecideAsync(id, new { resolution = "merge", row = new { id = 2003, total = 1 } })).Expect(400);
        (await Api.PostAsync($"/v1/arbiter/conflicts/{id}/resolution")).Expect(400);
        Assert.Equal("1", await conflicts.Mesh[0].TextAsync($"select count(*) from trktr.history where id = {id} and decision is null"));
        var error = await conflicts.WaitingAsync(0, 2004, type: "apply_error");
        Assert.Contains(
            "/subscription/1/resume",
            (string?)(await DecideAsync(error, new { resolution = "keep_local" })).Expect(409).Json["hint"],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Decide_MergeWithALongValue_IsTaken()
    {
        var id = await conflicts.WaitingAsync(0, 2005);
        (
            await DecideAsync(
                id,
                new
                {
                    resolution = "merge",
                    scope = "node",
                    row = new { id = 2005, payload = new string('x', 1_000_000) },
                }
            )
        ).Expect(200);
        Assert.Equal(
            1_000_000,
            await conflicts.Mesh[0].ScalarAsync<int>($"select length(merged_row->>'payload') from trktr.history where id = {id}")
        );
    }

    [Theory]
    [InlineData("keep_local", "apply_remote", 2010)]
    [InlineData("apply_remote", "keep_local", 2011)]
    [InlineData("newest", "newest", 2012)]
    [InlineData("merge", "apply_remote", 2013)]
    public async Task Decide_ForTheMesh_DecidesThePeersSideToo(string here, string there, int key)
    {
        var on0 = await conflicts.WaitingAsync(0, key, "a", "b", localSecond: 0, remoteSecond: 1);
        var on1 = await conflicts.WaitingAsync(1, key, "b", "a", localSecond: 1, remoteSecond: 0);
        object body = here == "merge" ? new { resolution = here, row = new { id = key, payload = "both" } } : new { resolution = here };

        var report = (await DecideAsync(on0, body)).Expect(200).Json;

        var outcome = report["nodes"]!.AsArray()[1]!;
        Assert.Equal(
            (1, "done", on1, there),
            ((int?)outcome["node"], (string?)outcome["result"], (long?)outcome["conflict"], (string?)outcome["decision"])
        );
        Assert.Equal(
            $"{there}|APIKey, on node 0|",
            await conflicts.Mesh[1].TextAsync($"select decision, decided_by, merged_row from trktr.history where id = {on1}")
        );
    }

    [Fact]
    public async Task Decide_ForTheMesh_SaysWhatWasNotDone()
    {
        Assert.Equal("nothing", await PeersOutcomeAsync(await conflicts.WaitingAsync(0, 2020)));

        var other = await conflicts.WaitingAsync(0, 2021);
        await conflicts.WaitingAsync(1, 2021, localSecond: 7, remoteSecond: 8);
        Assert.Equal("nothing", await PeersOutcomeAsync(other));

        var decided = await conflicts.WaitingAsync(0, 2022, localSecond: 0, remoteSecond: 1);
        var theirs = await conflicts.WaitingAsync(1, 2022, localSecond: 1, remoteSecond: 0);
        (
            await conflicts
                .Mesh[1]
                .Api.PostAsync($"/v1/arbiter/conflicts/{theirs}/resolution", new { resolution = "keep_local", scope = "node" })
        ).Expect(200);
        Assert.Equal("nothing", await PeersOutcomeAsync(decided));

        var alone = await conflicts.WaitingAsync(0, 2023);
        await conflicts.Mesh[1].Arbiter.KillAsync();
        try
        {
            Assert.Equal("unreachable", await PeersOutcomeAsync(alone));
        }
        finally
        {
            await conflicts.Mesh[1].Arbiter.StartAsync();
        }
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Decide_PeerHasAnotherApiKey_AsksThePeerAllTheSame()
    {
        var node = conflicts.Mesh[1];
        await conflicts.Mesh.GiveOwnApiKeyAsync(node);
        try
        {
            Assert.Equal("nothing", await PeersOutcomeAsync(await conflicts.WaitingAsync(0, 2030)));
        }
        finally
        {
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.ConfigureAsync(node.Server.Conninfo(TestMesh.Database));
            await node.Arbiter.StartAsync();
        }
    }

    private async Task<string?> PeersOutcomeAsync(long id) =>
        (string?)
            (await DecideAsync(id, new { resolution = "keep_local" })).Expect(200).Json["nodes"]!
                .AsArray()
                .Single(node => (int?)node!["node"] == 1)!["result"];

    private Task<Answer> DecideAsync(long id, object body) => Api.PostAsync($"/v1/arbiter/conflicts/{id}/resolution", body);
}
