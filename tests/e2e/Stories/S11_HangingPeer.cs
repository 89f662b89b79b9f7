using System.Diagnostics;
using Traktor.E2ETests.Mesh;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>A peer that accepts connections and never answers delays nothing but what concerns it alone.</summary>
public sealed class S11_HangingPeer(Trio trio) : IClassFixture<Trio>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);
    private readonly TestMesh mesh = trio.Mesh;

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Hang_OfOnePeer_EverythingElseGoesOn()
    {
        await mesh.ReplicateAsync("public.going_on", "create table going_on (id int primary key)");
        mesh.Link(2, 0).Cut(CutMode.Blackhole);
        var hanging = mesh[0]
            .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 2, connection_string = mesh.Conninfo(2, 0) });

        for (var round = 0; round < 5; round++)
            foreach (var path in new[] { "status", "subscription", "cluster", "preflight", "replicaset/status", "resolution/history" })
                (await TimelyAsync(path, () => mesh[0].Api.GetAsync("/v1/arbiter/" + path))).Expect(200);
        await TimelyAsync("pause", () => mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause"));
        await TimelyAsync("resume", () => mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/resume"));
        (
            await TimelyAsync(
                "subscribe",
                () =>
                    mesh[0]
                        .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 1, connection_string = mesh.Conninfo(1, 0) })
            )
        ).Expect(200);

        // Node 2 still reaches node 0: a commit there needs that direction only.
        await mesh.EverywhereAsync("create table meanwhile (id int primary key)");
        await mesh[0].StageAsync("public.meanwhile");
        (await TimelyAsync("commit", () => mesh[0].Api.PatchAsync("/v1/arbiter/replicaset"))).Expect(200);
        await mesh[0].ExecuteAsync("insert into meanwhile values (1)");
        await mesh.AgreeAsync("select id from meanwhile", "1");
        await mesh[1].ExecuteAsync("insert into going_on values (1)");
        await mesh.AgreeAsync("select id from going_on", "1");

        (await hanging).ExpectProblem(503, "node 2");
        await mesh[0].AwaitStateAsync(2, "unreachable");
        Assert.Equal("streaming", (string?)(await mesh[0].SubscriptionAsync(1))!["state"]);

        mesh.Link(2, 0).Heal();
        await mesh[0].AwaitStateAsync(2, "streaming");
        await mesh[2].ExecuteAsync("insert into going_on values (2)");
        await mesh.AgreeAsync("select id from going_on order by 1", "1\n2");
    }

    [Fact]
    [Trait("Tier", "all")]
    public async Task Commit_WhileASubscriberHangs_SaysSoAndOpensOnceItAnswers()
    {
        await mesh.EverywhereAsync("create table patient (id int primary key)");
        await mesh[0].StageAsync("public.patient");
        mesh.Link(0, 2).Cut(CutMode.Blackhole);
        var waiting = (await mesh[0].CommitAsync(202)).Json["pending"]![0]!["waiting_for"]!.AsArray();
        Assert.Equal(2, (int)Assert.Single(waiting)!["node"]!);
        mesh.Link(0, 2).Heal();
        await mesh[0].AwaitTableAsync("public.patient", "committed");
        await mesh[0].ExecuteAsync("insert into patient values (1)");
        await mesh.AgreeAsync("select id from patient", "1");
    }

    private static async Task<Answer> TimelyAsync(string what, Func<Task<Answer>> call)
    {
        var clock = Stopwatch.StartNew();
        var answer = await call();
        Assert.True(clock.Elapsed < Soon, $"{what} took {clock.Elapsed.TotalSeconds:0.0} s.");
        return answer;
    }
}
