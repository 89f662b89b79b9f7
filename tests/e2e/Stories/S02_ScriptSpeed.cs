using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A script does not wait for anything but its answers: whatever it commits is open to all peers, or it is told why
/// not.
/// </summary>
public sealed class S02_ScriptSpeed(UsersPair pair) : IClassFixture<UsersPair>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    public async Task Commit_RightAfterSubscribing_NoRowIsLost()
    {
        for (var round = 0; round < 3; round++)
        {
            var table = $"public.fast_{round}";
            foreach (var (node, inbound) in new[] { (0, 1), (1, 0) })
                (await mesh[node].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = inbound })).Expect(200);
            await mesh.EverywhereAsync($"create table {table} (id bigint primary key)");
            await mesh.SubscribeAsync(0, 1);
            await mesh.SubscribeAsync(1, 0);
            await mesh[0].StageAsync(table);
            await mesh[0].CommitAsync();
            await mesh[0].ExecuteAsync($"insert into {table} select generate_series(1, 1000)");
            await mesh[1].AwaitTextAsync($"select count(*), min(id), max(id) from {table}", "1000|1|1000");
        }
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Commit_WhileThePeersArbiterIsDown_SaysSoAndOpensByItselfWithoutAHole()
    {
        await mesh.EverywhereAsync("create table late (id bigint primary key)");
        await mesh[1].Arbiter.KillAsync();
        await using var writer = new RowWriter(mesh[0], "late");
        await mesh[0].StageAsync("public.late");

        var answer = await mesh[0].CommitAsync(202);
        var waiting = answer.Json["pending"]![0]!["waiting_for"]![0]!;
        Assert.Equal(1, (int)waiting["node"]!);
        Assert.Contains("arbiter", (string?)waiting["reason"], StringComparison.Ordinal);
        Assert.Equal("pending-add", (string?)(await mesh[0].TableAsync("public.late"))!["status"]);

        await mesh[1].Arbiter.StartAsync();
        await mesh[0].AwaitTableAsync("public.late", "committed");
        var promised = writer.Last + 1;
        await Eventually.TrueAsync("more rows are written", () => writer.Last > promised + 50);
        var first = await RowWriter.GaplessStartAsync(mesh[1], "late", await writer.FinishAsync());
        Assert.InRange(first, 2, promised);
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Commit_BeforeThePeersArbiterListens_NoRowIsLostAfterItIsOpen()
    {
        await mesh.EverywhereAsync("create table early (id bigint primary key)");
        await mesh[1].Arbiter.KillAsync();
        await mesh[0].StageAsync("public.early");
        var starting = mesh[1].Arbiter.StartAsync();
        var answer = await mesh[0].Api.PatchAsync("/v1/arbiter/replicaset");
        Assert.Contains(answer.Code, new[] { 200, 202 });
        await starting;
        await mesh[0].CommitAsync();
        await mesh[0].ExecuteAsync("insert into early select generate_series(1, 1000)");
        await mesh[1].AwaitTextAsync("select count(*), min(id), max(id) from early", "1000|1|1000");
    }
}
