using Traktor.E2ETests.Mesh;
using Traktor.Engine;

namespace Traktor.E2ETests.Stories;

/// <summary>What node 0 keeps for node 1, and node 1's calls that make and drop it.</summary>
internal static class SlotOfNode1
{
    public const string Control = "/v1/arbiter/control";
    public const string Subscription = "/v1/arbiter/subscription/control";
    public const string Slot = "trktr_sub_1_0";

    /// <summary>A publication or a slot made again would be another one.</summary>
    public const string Kept = """
        select oid::text from pg_publication where pubname = 'trktr_pub_to_1'
        union all select slot_name || database from pg_replication_slots
        union all select to_jsonb(o)::text from trktr.slot_owner o
        """;

    public static Task<Answer> SubscribeAsync(MeshNode node, TestMesh mesh) =>
        node.Api.PutAsync(Subscription, new { inbound_node = 0, connection_string = mesh[0].Server.Conninfo(TestMesh.Database) });

    /// <summary>Has the arbiter be killed at a point of a call, and starts it again.</summary>
    public static async Task KillAsync(MeshNode node, string point, Func<Task<Answer>> call)
    {
        await node.Arbiter.TerminateAsync();
        node.Arbiter.Environment[FaultPoint.Variable] = point;
        await node.Arbiter.StartAsync();
        await ReachableAsync(node);
        await Assert.ThrowsAsync<HttpRequestException>(call);
        await Eventually.TrueAsync("the arbiter was killed", () => !node.Arbiter.IsRunning, node.Diagnose);
        node.Arbiter.Environment.Remove(FaultPoint.Variable);
        await node.Arbiter.StartAsync();
        await ReachableAsync(node);
    }

    public static Task ReachableAsync(MeshNode node) =>
        Eventually.TrueAsync(
            $"arbiter {node.Id} sees its server",
            async () => (bool)(await node.StatusAsync())["is_reachable"]!,
            node.Diagnose
        );

    /// <summary>Waits until the janitor has done what it does with a slot that is left on a peer.</summary>
    public static Task ForgottenAsync(MeshNode node) => node.AwaitTextAsync("select count(*) from trktr.orphaned_slot", "0");
}
