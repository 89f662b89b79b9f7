using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// What an operator paused or disabled stays so, whatever waits to be healed; and a peer's restart needs nobody.
/// </summary>
public sealed class S17_OperatorsPause
{
    private const string CreateTable = "create table public.item (id int primary key, name text)";

    /// <summary>Npgsql gives up to ask a silent peer after ten seconds.</summary>
    private static readonly TimeSpan BeforeTimeOuts = TimeSpan.FromSeconds(8);

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, true)]
    [InTurn(18, true)]
    [InlineData(17, false)]
    public async Task PausedOrDisabled_WithAConflictWaiting_StaysUntilResumed(int major, bool isPaused)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", CreateTable);
        if (isPaused)
            (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        else
            await mesh[1].ExecuteAsync("alter subscription trktr_sub_1_0 disable");
        await mesh[1].ExecuteAsync("insert into item values (1, 'early')");
        await mesh[0].ExecuteAsync("delete from item; insert into item values (2, 'late')");
        await mesh[1].Arbiter.KillAsync();
        await mesh[1].Arbiter.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(100);
            Assert.Equal("f", (await mesh[1].TextAsync("select subenabled from pg_subscription"))[..1].ToLowerInvariant());
        }

        await mesh[1].AwaitStateAsync(0, isPaused ? "paused" : "disabled");
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await Eventually.TrueAsync(
            "the row is there",
            async () => await mesh[1].TextAsync("select name from item where id = 2") == "late",
            mesh.Diagnose
        );
    }

    /// <summary>
    /// DISABLE by hand comes between the heal's look at the subscription and its own DISABLE: either it stays, or the
    /// operator is told that it did not work; it is never undone in silence.
    /// </summary>
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Disable_AtTheMomentAHealBegins_StaysOrIsRefused()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", CreateTable);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        await mesh[1].ExecuteAsync("insert into item values (1, 'early')");

        // Holds the heal where it has just looked.
        await using var holder = await mesh[1].OpenAsync();
        await Sandbox.SandboxConnection.ExecuteAsync(holder, "begin; select from trktr.subscription for update");
        await mesh[0].ExecuteAsync("insert into item values (1, 'late')");
        await mesh[1]
            .AwaitTextAsync(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%healing_since = coalesce%' and "
                    + "pid <> pg_backend_pid()",
                "1"
            );
        var disable = Task.Run(() => mesh[1].ExecuteAsync("alter subscription trktr_sub_1_0 disable"));
        await Eventually.TrueAsync(
            "the operator's statement is done, or waits for the heal's",
            async () =>
                disable.IsCompleted
                || await mesh[1]
                    .ScalarAsync<long>(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query = 'alter subscription "
                            + "trktr_sub_1_0 disable'"
                    ) == 1,
            mesh.Diagnose
        );
        await Sandbox.SandboxConnection.ExecuteAsync(holder, "rollback");
        try
        {
            await disable;
        }
        catch (Npgsql.PostgresException)
        {
            // "tuple concurrently updated": whoever types it reads that, and pauses instead.
            await mesh[1].AwaitTextAsync("select name from item", "late");
            return;
        }

        await Eventually.StaysTrueAsync(
            "it stays disabled",
            TimeSpan.FromSeconds(8),
            async () => await mesh[1].TextAsync("select subenabled from pg_subscription") == "False"
        );
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Pause_DuringAHeal_StopsItAndResumeGoesOn()
    {
        const int Rows = 30_000;
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", CreateTable);
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        await mesh[1].ExecuteAsync($"insert into item select i, 'early' from generate_series(1, {Rows}) i");
        await mesh[0].ExecuteAsync($"do $$ begin for i in 1..{Rows} loop insert into item values (i, 'late'); commit; end loop; end $$");
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await Eventually.TrueAsync(
            "it heals",
            async () => await mesh[1].ScalarAsync<long>("select count(*) from trktr.history") > 0,
            mesh.Diagnose
        );
        Assert.Equal("paused", (string)(await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200).Json["state"]!);
        var healed = await mesh[1].ScalarAsync<long>("select count(*) from trktr.history");
        Assert.InRange(healed, 1, Rows - 1);
        await mesh[1].Arbiter.KillAsync();
        await mesh[1].Arbiter.StartAsync();
        for (var i = 0; i < 15; i++)
        {
            await Task.Delay(100);
            Assert.Equal(healed, await mesh[1].ScalarAsync<long>("select count(*) from trktr.history"));
        }

        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await Eventually.TrueAsync(
            "all is healed",
            async () => await mesh[1].ScalarAsync<long>("select count(*) from item where name = 'late'") == Rows,
            mesh.Diagnose
        );
        Assert.Equal($"{Rows}|{Rows}", await mesh[1].TextAsync("select count(*), count(distinct key) from trktr.history"));
    }

    /// <summary>
    /// What is asked of a peer that has gone silent in the middle of a heal is not waited for: an operator is answered,
    /// and nothing is lost or done twice once the link is back.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn("pause")]
    [InTurn("resume")]
    public async Task Operate_OnAHealWhosePeerFellSilent_IsAnswered(string operation)
    {
        const int Rows = 10_000;
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", CreateTable);
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        (await mesh[0].Api.PostAsync("/v1/arbiter/subscription/1/pause")).Expect(200);
        await mesh[1].ExecuteAsync($"insert into item select i, 'early' from generate_series(1, {Rows}) i");
        await mesh[0].ExecuteAsync($"do $$ begin for i in 1..{Rows} loop insert into item values (i, 'late'); commit; end loop; end $$");
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await Eventually.TrueAsync(
            "it heals",
            async () => await mesh[1].ScalarAsync<long>("select count(*) from trktr.history") > 0,
            mesh.Diagnose
        );
        mesh.Link(0, 1).Cut(CutMode.Blackhole);
        (await mesh[1].Api.PostAsync($"/v1/arbiter/subscription/0/{operation}").WaitAsync(BeforeTimeOuts)).Expect(200);

        mesh.Link(0, 1).Heal();
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await Eventually.TrueAsync(
            "all is healed",
            async () => await mesh[1].ScalarAsync<long>("select count(*) from item where name = 'late'") == Rows,
            mesh.Diagnose
        );
        Assert.Equal($"{Rows}|{Rows}", await mesh[1].TextAsync("select count(*), count(distinct key) from trktr.history"));
    }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, false)]
    [InTurn(18, true)]
    public async Task PeerRestarts_WithAndWithoutTheArbiter_ReplicationGoesOn(int major, bool hasArbiter)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", CreateTable);
        if (!hasArbiter)
            await mesh[1].Arbiter.KillAsync();
        await mesh[0].Server.RestartAsync();
        await mesh[0].Server.KillAsync();
        await mesh[0].Server.StartAsync();
        await mesh[0].ExecuteAsync("insert into item values (1, 'after the restart')");
        await Eventually.TrueAsync(
            "the row is there",
            async () => await mesh[1].TextAsync("select name from item") == "after the restart",
            mesh.Diagnose
        );
        Assert.Equal("0", await mesh[1].TextAsync("select count(*) from trktr.history"));
    }
}
