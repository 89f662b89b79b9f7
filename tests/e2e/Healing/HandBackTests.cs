using Traktor.E2ETests.Browser;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// A heal lasts as long as the server would not start its own worker, and no longer. The first two cases are about
/// PostgreSQL alone: what the third relies on.
/// </summary>
public sealed class HandBackTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly Dictionary<string, string> Never = new() { ["wal_retrieve_retry_interval"] = "1h" };

    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Launcher_WorkerThatFailed_WaitsTheIntervalAlsoAfterEnable(int major)
    {
        await using var from = await fixture.Sandbox.StartServerAsync(major);
        await using var to = await SubscribeAsync(from, major);
        await to.ExecuteAsync("insert into sent values (1)");
        await from.ExecuteAsync("insert into sent values (1)");
        // Started again at once, for it had run for long enough or not at all; then it waits.
        await AwaitAsync(to, "select apply_error_count > 0 from pg_stat_subscription_stats");
        await AwaitAsync(to, "select count(*) = 0 from pg_stat_subscription where pid is not null");
        await to.ExecuteAsync("alter subscription s disable");
        await to.ExecuteAsync("delete from sent");
        await to.ExecuteAsync("alter subscription s enable");
        await Eventually.StaysTrueAsync(
            "the server starts no worker",
            TimeSpan.FromSeconds(2),
            async () => await to.ScalarAsync<long>("select count(*) from sent") == 0
        );
        await to.ExecuteAsync("alter system set wal_retrieve_retry_interval = '100ms'");
        await to.ExecuteAsync("select pg_reload_conf()");
        await AwaitAsync(to, "select count(*) = 1 from sent");
    }

    /// <summary>On 15 there is one clock for all workers, and nothing forgets it.</summary>
    [Theory]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Launcher_WorkerThatWasDisabledWhileItRan_IsStartedAtOnce(int major)
    {
        await using var from = await fixture.Sandbox.StartServerAsync(major);
        await using var to = await SubscribeAsync(from, major);
        await to.ExecuteAsync("alter subscription s disable");
        await AwaitAsync(to, "select count(*) = 0 from pg_stat_subscription where pid is not null");
        await from.ExecuteAsync("insert into sent values (1)");
        await to.ExecuteAsync("alter subscription s enable");
        await AwaitAsync(to, "select count(*) = 1 from sent");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Heal_OfASubscriptionThatWaitedForLonger_IsHandedBackAtOnce()
    {
        await using var mesh = await TestMesh.StartAsync([18, 18], Never);
        await mesh.ConnectAllAsync();
        await mesh.ReplicateAsync("public.item", "create table item (id int primary key, v text)");
        await mesh.EverywhereAsync("update trktr.replicaset set policy = 'manual'");
        Split.Cut(mesh, 1);
        await mesh[0].ExecuteAsync("insert into item values (1, 'from 0')");
        await mesh[1].ExecuteAsync("insert into item values (1, 'from 1')");
        // The link that was cut has made the server wait as well.
        await mesh.EverywhereAsync("alter system set wal_retrieve_retry_interval = '100ms'");
        await mesh.EverywhereAsync("select pg_reload_conf()");
        Split.Heal(mesh, 1);
        var id = (await CaseMesh.AwaitAsync(mesh[1], 1))["id"];
        await mesh.EverywhereAsync("alter system reset wal_retrieve_retry_interval");
        await mesh.EverywhereAsync("select pg_reload_conf()");
        await mesh[1].ExecuteAsync("update trktr.subscription set healing_since = healing_since - interval '2 hours'");
        (await mesh[1].Api.PostAsync($"/v1/arbiter/conflicts/{id}/resolution", new { resolution = "keep_local", scope = "node" })).Expect(
            200
        );
        await mesh[1].AwaitTextAsync("select subenabled, healing_since from pg_subscription, trktr.subscription", "True|");
    }

    private async Task<IPostgresServer> SubscribeAsync(IPostgresServer from, int major)
    {
        await from.ExecuteAsync("create table sent (id int primary key)");
        await from.ExecuteAsync("create publication p for table sent");
        var to = await fixture.Sandbox.StartServerAsync(major, Never);
        await to.ExecuteAsync("create table sent (id int primary key)");
        await to.ExecuteAsync($"create subscription s connection '{from.Conninfo()}' publication p with (copy_data = false)");
        await AwaitAsync(to, "select count(*) = 1 from pg_stat_subscription where pid is not null");
        return to;
    }

    private static Task AwaitAsync(IPostgresServer server, string condition) =>
        Eventually.TrueAsync(condition, () => server.ScalarAsync<bool>(condition), () => server.LogTail(15));
}
