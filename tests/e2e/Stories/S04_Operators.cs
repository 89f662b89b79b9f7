using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// What an operator does to a subscription, through us or by hand, is never overruled, and always possible.
/// </summary>
public sealed class S04_Operators(Pair pair) : IClassFixture<Pair>
{
    private const string Control = "/v1/arbiter/subscription/control";
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Subscription_DisabledByHand_StaysDisabledUntilResumed()
    {
        await mesh.ReplicateAsync("public.by_hand", "create table by_hand (id int primary key)");
        await mesh[1].Arbiter.TerminateAsync();
        await mesh[1].Arbiter.ConfigureAsync(mesh[1].Server.Conninfo(TestMesh.Database), ("CheckInterval", "1"));
        await mesh[1].Arbiter.StartAsync();
        await mesh[1].AwaitStateAsync(0, "streaming");

        await mesh[1].ExecuteAsync("alter subscription trktr_sub_1_0 disable");
        await mesh[0].ExecuteAsync("insert into by_hand values (1)");
        await mesh[1].AwaitStateAsync(0, "disabled");
        await Eventually.StaysTrueAsync(
            "the subscription is disabled, and shown so",
            TimeSpan.FromSeconds(4),
            async () =>
                !await mesh[1].ScalarAsync<bool>("select subenabled from pg_subscription")
                && (string?)(await mesh[1].SubscriptionAsync(0))!["state"] == "disabled"
        );
        Assert.Contains("resume", (string?)(await mesh[1].SubscriptionAsync(0))!["last_error"], StringComparison.Ordinal);
        Assert.False((bool)(await mesh[1].StatusAsync())["is_replicating"]!);

        var answer = (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        Assert.NotEqual("disabled", (string?)answer.Json["state"]);
        await mesh.AgreeAsync("select id from by_hand", "1");
    }

    [Fact]
    public async Task Pause_ThenARestartOfTheArbiter_StaysPausedUntilResumed()
    {
        await mesh.ReplicateAsync("public.paused", "create table paused (id int primary key)");
        var answer = (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        Assert.Equal("paused", (string?)answer.Json["state"]);
        Assert.NotNull((string?)answer.Json["paused_at"]);

        await mesh[0].ExecuteAsync("insert into paused values (1)");
        await mesh[1].Arbiter.KillAsync();
        await mesh[1].Arbiter.StartAsync();

        // At script speed: an arbiter that has only just started does not say that it has none.
        Assert.Equal("paused", (string?)(await mesh[1].SubscriptionAsync(0))!["state"]);
        Assert.Equal("", await mesh[1].TextAsync("select id from paused"));

        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await mesh.AgreeAsync("select id from paused", "1");
        await mesh[1].AwaitStateAsync(0, "streaming");
        Assert.Null((string?)(await mesh[1].SubscriptionAsync(0))!["paused_at"]);
    }

    [Fact]
    public async Task PauseOrResume_OfASubscriptionThatIsNot_IsNotFound()
    {
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/7/pause")).ExpectProblem(404, "node 7");
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/7/resume")).ExpectProblem(404, "node 7");
    }

    [Fact]
    public async Task Unsubscribe_Twice_LeavesNothingAndIsThenNotFound()
    {
        var answer = (await mesh[1].Api.DeleteAsync(Control, new { inbound_node = 0 })).Expect(200);
        Assert.Empty(answer.Json["leftovers"]!.AsArray());
        await ExpectNoLeftoversAsync();
        Assert.Null(await mesh[1].SubscriptionAsync(0));
        (await mesh[1].Api.DeleteAsync(Control, new { inbound_node = 0 })).ExpectProblem(404, "no subscription from node 0");
        (await mesh[1].Api.DeleteAsync(Control + "?inbound_node=0")).ExpectProblem(404);

        await mesh.SubscribeAsync(1, 0);
        await mesh.ReplicateAsync("public.again", "create table again (id int primary key)");
        await mesh[0].ExecuteAsync("insert into again values (1)");
        await mesh.AgreeAsync("select id from again", "1");
    }

    [Fact]
    public async Task Unsubscribe_WhileThePeerIsDown_DropsItsSlotWhenItReturns()
    {
        await mesh[0].Server.StopAsync();
        var answer = (await mesh[1].Api.DeleteAsync(Control, new { inbound_node = 0 })).Expect(200);
        var left = (string?)Assert.Single(answer.Json["leftovers"]!.AsArray());
        Assert.Contains("trktr_sub_1_0", left, StringComparison.Ordinal);
        Assert.Null(await mesh[1].SubscriptionAsync(0));
        Assert.Equal(0, await mesh[1].ScalarAsync<long>("select count(*) from pg_subscription"));

        await mesh[0].Server.StartAsync();
        await mesh[0].AwaitTextAsync("select count(*) from pg_replication_slots where slot_name = 'trktr_sub_1_0'", "0");
        await Eventually.TrueAsync("nothing is left on node 0", async () => await LeftoversAsync() == "", mesh.Diagnose);
        await mesh.SubscribeAsync(1, 0);
        await mesh[0].AwaitStateAsync(1, "streaming");
    }

    private async Task ExpectNoLeftoversAsync() => Assert.Equal("", await LeftoversAsync());

    private async Task<string> LeftoversAsync() =>
        string.Join(
                '\n',
                new[]
                {
                    await mesh[0]
                        .TextAsync(
                            "select slot_name from pg_replication_slots where slot_name = 'trktr_sub_1_0' union all select "
                                + "pubname from pg_publication where pubname = 'trktr_pub_to_1'"
                        ),
                    await mesh[1]
                        .TextAsync(
                            "select subname from pg_subscription union all select roname from pg_replication_origin where "
                                + "roname ~ '^pg_' union all select inbound_node::text from trktr.orphaned_slot"
                        ),
                }
            )
            .Trim();
}
