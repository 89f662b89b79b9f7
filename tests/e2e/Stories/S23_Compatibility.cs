using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>The mesh takes a PostgreSQL 15 in, and lets it go, while everybody writes.</summary>
public sealed class S23_Compatibility
{
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Join15AndLeave_UnderRunningWriters_NothingIsLostOrDoubled()
    {
        await using var mesh = await TestMesh.StartFullAsync(16, 18);
        string[] tables = ["run_0", "run_1"];
        foreach (var table in tables)
            await mesh.ReplicateAsync($"public.{table}", $"create table {table} (id bigint primary key)");
        await using var left = new RowWriter(mesh[0], "run_0");
        await using var right = new RowWriter(mesh[1], "run_1");
        await mesh.AgreeAsync("select count(*) > 100 from run_0", "True");

        // A 15 is refused as long as somebody does not mark, with the key in the sentence.
        mesh.Pre16Compatibility = true;
        var third = await mesh.AddNodeAsync(15);
        foreach (var table in tables)
            await third.ExecuteAsync($"create table {table} (id bigint primary key)");
        (await third.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        (
            await third.Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 0, connection_string = mesh.Conninfo(0, 2) })
        ).ExpectProblem(422, "Pre16Compatibility is False on node 0");
        (
            await mesh[0]
                .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 2, connection_string = mesh.Conninfo(2, 0) })
        ).ExpectProblem(422, "Pre16Compatibility is False on this node");
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from pg_replication_slots where slot_name ~ '^trktr_sub_2_'"));

        await mesh.ReconfigureAsync(mesh[0], pre16Compatibility: true);
        await AwaitFindingAsync(mesh[0], "False on node 1");
        await mesh.ReconfigureAsync(mesh[1], pre16Compatibility: true);
        foreach (var node in mesh.Nodes.Take(2))
            await AwaitFindingAsync(node, null);
        await mesh.SubscribeAsync(2, 0);
        await mesh.SubscribeAsync(2, 1);
        await mesh.SubscribeAsync(0, 2);
        await mesh.SubscribeAsync(1, 2);
        await third.AwaitTextAsync("select (select count(*) > 100 from run_0) and (select count(*) > 100 from run_1)", "True");

        // Too early: the marks go on, and it is said why.
        await mesh.ReconfigureAsync(mesh[1], pre16Compatibility: false);
        await AwaitFindingAsync(mesh[1], "Pre16Compatibility is False on this node");
        await mesh[1].AwaitTextAsync("select count(*) from trktr.marking where is_marked and schema_name = 'public'", "2");
        await mesh.ReconfigureAsync(mesh[1], pre16Compatibility: true);

        // All that was written up to now is on the 15, once, though it came by two ways.
        var (midLeft, midRight) = (left.Last, right.Last);
        await third.AwaitTextAsync(
            $"select (select max(id) >= {midLeft} from run_0) and (select max(id) >= {midRight} from run_1)",
            "True"
        );
        foreach (var table in tables)
            Assert.Equal("True", await third.TextAsync($"select count(*) = max(id) - min(id) + 1 from {table}"));

        (await third.Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
        foreach (var node in mesh.Nodes.Take(2))
            (await node.Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 2 })).Expect(200);
        await third.Arbiter.TerminateAsync();
        foreach (var node in mesh.Nodes.Take(2))
        {
            await mesh.ReconfigureAsync(node, pre16Compatibility: false);
            await node.AwaitTextAsync(
                "select count(*) from pg_trigger where tgname in ('trktr_mark', 'trktr_truncating', 'trktr_truncated', "
                    + "'!trktr_filter') and tgrelid in ('run_0'::regclass, 'run_1'::regclass)",
                "0"
            );
            await node.AwaitTextAsync("select bool_and(pubtruncate) from pg_publication where pubname ~ '^trktr_pub(_to_.*)?$'", "True");
        }

        var (lastLeft, lastRight) = (left.Last, right.Last);
        await mesh[0].AwaitTextAsync($"select max(id) > {lastRight} from run_1", "True");
        await mesh[1].AwaitTextAsync($"select max(id) > {lastLeft} from run_0", "True");
        (lastLeft, lastRight) = (await left.FinishAsync(), await right.FinishAsync());
        Assert.Equal(1, await RowWriter.GaplessStartAsync(mesh[1], "run_0", lastLeft));
        Assert.Equal(1, await RowWriter.GaplessStartAsync(mesh[0], "run_1", lastRight));
        foreach (var node in mesh.Nodes.Take(2))
            Assert.Equal("0", await node.TextAsync("select sum(apply_error_count) from pg_stat_subscription_stats"));
    }

    /// <summary>Waits until preflight and status say this of the setting; null for nothing.</summary>
    private static async Task AwaitFindingAsync(MeshNode node, string? part)
    {
        await Eventually.TrueAsync(
            $"preflight of node {node.Id} says {part ?? "that the setting fits"}",
            async () =>
            {
                var findings = (await node.Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray();
                var finding = findings.SingleOrDefault(finding => (string?)finding!["check"] == "pre16compatibility");
                return part is null
                    ? (string?)finding?["severity"] == "ok"
                    : ((string?)finding?["found"])?.Contains(part, StringComparison.Ordinal) == true;
            },
            node.Diagnose
        );
        await Eventually.TrueAsync(
            $"the status of node {node.Id} says {part ?? "nothing of the setting"}",
            async () =>
                ((string?)(await node.StatusAsync())["problem"] ?? "").Contains(part ?? "Pre16Compatibility", StringComparison.Ordinal)
                == (part is not null),
            node.Diagnose
        );
    }
}
