using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Engine;

namespace Traktor.E2ETests.Joining;

/// <summary>
/// A join goes on after kill -9 of the joining node's arbiter, of the source's arbiter, or of either server, while
/// everybody writes: in the end all nodes are equal, and the source is not left paused.
/// </summary>
public sealed class KilledTests
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(FaultPoint.JoinPrepared)]
    [InTurn(FaultPoint.SnapshotTaken)]
    [InTurn(FaultPoint.RangeCopied + ":3")]
    [InTurn(FaultPoint.JoinOpened)]
    [InTurn(FaultPoint.JoinAdvanced)]
    [InTurn(FaultPoint.JoinResumed)]
    [TierAll(FaultPoint.SlotClaimed)]
    [TierAll(FaultPoint.SlotCreated)]
    [TierAll(FaultPoint.RangeCopied + ":1")]
    [TierAll(FaultPoint.RangeCopied + ":6")]
    public async Task JoiningArbiter_KilledAt_GoesOn(string point)
    {
        await using var mesh = await StartAsync();
        await ArmAsync(mesh[2], point);
        await using (new JoiningMesh.Writers(mesh.Nodes.Take(2), 5000))
        {
            var id = await mesh.JoinAsync();
            await DiesAsync(mesh, mesh[2]);
            await DisarmAsync(mesh[2]);
            await mesh.JoinedAsync(id);
        }

        Assert.True(await mesh[2].ScalarAsync<int>("select begun from trktr.task where kind = 'join'") > 1);
        await mesh.AssertEqualAsync();
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(FaultPoint.SourcePaused)]
    [InTurn(FaultPoint.SnapshotExported)]
    public async Task SourcesArbiter_KilledAt_DoesNotStayPaused(string point)
    {
        await using var mesh = await StartAsync();
        await ArmAsync(mesh[0], point);
        await using (new JoiningMesh.Writers(mesh.Nodes.Take(2), 5000))
        {
            var id = await mesh.JoinAsync();
            await DiesAsync(mesh, mesh[0]);
            // Nobody joins any more: the source goes on all the same.
            await mesh[2].Arbiter.KillAsync();
            await DisarmAsync(mesh[0]);
            await mesh[0].AwaitStateAsync(1, "streaming");
            await mesh[0].AwaitTextAsync("select count(*) from trktr.subscription where healing_since is not null", "0");
            await mesh[2].Arbiter.StartAsync();
            await mesh.JoinedAsync(id);
        }

        await mesh.AssertEqualAsync();
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(true)]
    [InTurn(false)]
    public async Task Snapshot_LostInTheMiddle_EverythingIsCopiedAnew(bool isServerKilled)
    {
        await using var mesh = await StartAsync();
        await ArmAsync(mesh[2], FaultPoint.RangeCopied + ":3");
        await using (new JoiningMesh.Writers(mesh.Nodes.Take(2), 5000))
        {
            var id = await mesh.JoinAsync();
            await DiesAsync(mesh, mesh[2]);
            if (isServerKilled)
            {
                await mesh[0].Server.KillAsync();
                await mesh[0].Server.StartAsync();
            }
            else
            {
                await mesh[0].Arbiter.KillAsync();
                await mesh[0].Arbiter.StartAsync();
            }

            await DisarmAsync(mesh[2]);
            var report = await mesh.JoinedAsync(id);
            Assert.Contains("from another one", report["log"]!.ToJsonString(), StringComparison.Ordinal);
        }

        await mesh.AssertEqualAsync();
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task JoiningServer_KilledInTheMiddle_GoesOn()
    {
        await using var mesh = await StartAsync();
        await ArmAsync(mesh[2], FaultPoint.RangeCopied + ":3");
        await using (new JoiningMesh.Writers(mesh.Nodes.Take(2), 5000))
        {
            var id = await mesh.JoinAsync();
            await DiesAsync(mesh, mesh[2]);
            await mesh[2].Server.KillAsync();
            await DisarmAsync(mesh[2]);
            await mesh[2].Server.StartAsync();
            await mesh.JoinedAsync(id);
        }

        await mesh.AssertEqualAsync();
    }

    private static async Task<TestMesh> StartAsync()
    {
        var mesh = await JoiningMesh.StartAsync(5000, 18, 17);
        await mesh.AddAsync(18);
        return mesh;
    }

    private static async Task ArmAsync(MeshNode node, string point)
    {
        await node.Arbiter.KillAsync();
        node.Arbiter.Environment[FaultPoint.Variable] = point;
        await node.Arbiter.StartAsync();
    }

    private static Task DiesAsync(TestMesh mesh, MeshNode node) =>
        Eventually.TrueAsync($"the arbiter of node {node.Id} is killed", () => !node.Arbiter.IsRunning, mesh.Diagnose);

    private static async Task DisarmAsync(MeshNode node)
    {
        node.Arbiter.Environment.Remove(FaultPoint.Variable);
        await node.Arbiter.StartAsync();
    }
}
