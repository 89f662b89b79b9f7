using System.Text.Json.Nodes;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Engine;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// With policy manual, or AutoHeal = False, a transaction waits until somebody has decided each of its conflicts.
/// </summary>
public sealed class S18_DecideByHand
{
    private const string CreateTable = "create table public.item (id int primary key, name text, note text)";

    [Theory]
    [InTurn(16, "keep_local", "1|from 1|a\n2|from 1|a\n3|from 0|b")]
    [InTurn(17, "newest", "1|from 0|b\n2|from 1|a\n3|from 0|b")]
    [InTurn(18, "apply_remote", "1|from 0|b\n2|from 1|a\n3|from 0|b")]
    public async Task TwoConflictsInOneTransaction_AppliedWhenBothAreDecided(int major, string first, string expected)
    {
        await using var mesh = await StartAsync(major);
        await ContestAsync(mesh);
        var conflicts = await PendingAsync(mesh[1], 2);
        await Eventually.TrueAsync(
            "the subscription is shown as waiting for a decision",
            async () =>
                (await mesh[1].Api.GetAsync("/v1/arbiter/subscription")).Json["subscriptions"]![0]! is var subscription
                && (string?)subscription["state"] == "stopped"
                && (string?)subscription["waits_for"] == "decision",
            mesh.Diagnose
        );
        Assert.Equal("from 1", (string)conflicts[0]["local_row"]!["name"]!);
        Assert.Equal("from 0", (string)conflicts[0]["remote_row"]!["name"]!);

        // The arbiter may be gone meanwhile; nothing of the transaction is there before the last decision.
        await DecideAsync(mesh[1], conflicts[0], new { resolution = first, scope = "node" });
        await mesh[1].Arbiter.KillAsync();
        await mesh[1].Arbiter.StartAsync();
        Assert.Equal("1|from 1|a\n2|from 1|a", await mesh[1].TextAsync("select * from item order by id"));
        await DecideAsync(mesh[1], conflicts[1], new { resolution = "keep_local", scope = "node" });
        await Eventually.TrueAsync(
            "all is applied",
            async () => await mesh[1].TextAsync("select * from item order by id") == expected,
            mesh.Diagnose
        );
        Assert.Equal("0", await mesh[1].TextAsync("select count(*) from trktr.history where resolved is null"));
        await Eventually.TrueAsync(
            "it runs",
            async () => await mesh[1].TextAsync("select subenabled from pg_subscription") == "True",
            mesh.Diagnose
        );
    }

    /// <summary>A decision is carried out on the row as it is then, and that row is what the record keeps.</summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn("apply_remote", "from 0")]
    [InTurn("keep_local", "changed meanwhile")]
    public async Task Decision_AfterTheLocalRowChanged_IsRecordedWithTheRowThatItMet(string resolution, string expected)
    {
        await using var mesh = await StartAsync(18);
        await ContestAsync(mesh);
        var conflicts = await PendingAsync(mesh[1], 2);
        await mesh[1].ExecuteAsync("update item set name = 'changed meanwhile'");
        foreach (var conflict in conflicts)
            await DecideAsync(mesh[1], conflict, new { resolution, scope = "node" });
        await mesh[1]
            .AwaitTextAsync(
                "select name, count(*) from item group by name order by name",
                $"{expected}|{(expected == "from 0" ? "3" : "2\nfrom 0|1")}"
            );
        Assert.Equal(
            $"changed meanwhile|True|from 0|{resolution}|2",
            await mesh[1]
                .TextAsync(
                    "select local_row ->> 'name', local_stamp > remote_stamp, remote_row ->> 'name', resolution, count(*) from "
                        + "trktr.history group by 1, 2, 3, 4"
                )
        );
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(FaultPoint.PendingFound)]
    [InTurn(FaultPoint.PendingRecorded)]
    [InTurn(FaultPoint.MergePending)]
    public async Task Merge_ReachesEveryNodeOnce_AlsoWhenTheArbiterIsKilled(string point)
    {
        await using var mesh = await StartAsync(18);
        await mesh.EverywhereAsync("update trktr.replicaset set policy = 'manual'");
        mesh[1].Arbiter.Environment[FaultPoint.Variable] = point;
        await mesh[1].Arbiter.KillAsync();
        await mesh[1].Arbiter.StartAsync();
        await ContestAsync(mesh);
        if (point != FaultPoint.MergePending)
            await RestartKilledAsync(mesh);
        await PendingAsync(mesh[0], 2);
        var conflicts = await PendingAsync(mesh[1], 2);
        await DecideAsync(
            mesh[1],
            conflicts[0],
            new
            {
                resolution = "merge",
                row = new { id = 1, name = "both" },
                scope = "mesh",
            }
        );
        await DecideAsync(mesh[1], conflicts[1], new { resolution = "newest", scope = "mesh" });
        if (point == FaultPoint.MergePending)
            await RestartKilledAsync(mesh);
        await mesh.AgreeAsync("select id, name from item order by id", "1|both\n2|from 0\n3|from 0");
        Assert.Equal("0", await mesh[1].TextAsync("select count(*) from trktr.pending_merge"));
        await mesh.AgreeAsync("select count(*) from trktr.history where resolved is null", "0");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task AutoHealOff_PolicyLastUpdateWins_WaitsAllTheSame()
    {
        await using var mesh = await StartAsync(18);
        foreach (var node in mesh.Nodes)
        {
            await node.Arbiter.KillAsync();
            await node.Arbiter.ConfigureAsync(node.Server.Conninfo(TestMesh.Database), ("AutoHeal", "False"));
            await node.Arbiter.StartAsync();
        }

        await mesh.EverywhereAsync("update trktr.replicaset set policy = 'last_update_wins'");
        await ContestAsync(mesh);
        await PendingAsync(mesh[1], 2);
        await PendingAsync(mesh[0], 2);
        Assert.Equal("1|from 1|a\n2|from 1|a", await mesh[1].TextAsync("select * from item order by id"));
    }

    private static async Task<TestMesh> StartAsync(int major)
    {
        var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", CreateTable);
        await mesh.EverywhereAsync("update trktr.replicaset set policy = 'manual'");
        return mesh;
    }

    private static async Task ContestAsync(TestMesh mesh)
    {
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'from 1', 'a'), (2, 'from 1', 'a')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'from 0', 'b'), (2, 'from 0', 'b'), (3, 'from 0', 'b')");
        Split.Heal(mesh, 1);
    }

    private static async Task<List<JsonNode>> PendingAsync(MeshNode node, int count)
    {
        List<JsonNode> conflicts = [];
        await Eventually.TrueAsync(
            $"{count} conflicts wait on node {node.Id}",
            async () =>
            {
                conflicts =
                [
                    .. (await node.Api.GetAsync("/v1/arbiter/conflicts?state=pending")).Expect(200).Json["conflicts"]!
                        .AsArray()
                        .Select(conflict => conflict!),
                ];
                return conflicts.Count == count;
            },
            node.Diagnose
        );
        return [.. conflicts.OrderBy(conflict => (int)conflict["ordinal"]!)];
    }

    private static async Task DecideAsync(MeshNode node, JsonNode conflict, object decision) =>
        (await node.Api.PostAsync($"/v1/arbiter/conflicts/{conflict["id"]}/resolution", decision)).Expect(200);

    private static async Task RestartKilledAsync(TestMesh mesh)
    {
        await Eventually.TrueAsync("the arbiter is killed", () => !mesh[1].Arbiter.IsRunning, mesh.Diagnose);
        mesh[1].Arbiter.Environment.Clear();
        await mesh[1].Arbiter.StartAsync();
    }
}
