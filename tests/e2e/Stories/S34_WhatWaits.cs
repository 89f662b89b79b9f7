using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Stories;

/// <summary>What a subscription waits for is named, with the statement that ends it.</summary>
public sealed class S34_WhatWaits
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Subscription_ThatWaitsForTransactionsOrAWorker_NamesThem(int major)
    {
        await using var mesh = await TestMesh.StartAsync(
            [major, major, major],
            new Dictionary<string, string> { ["max_prepared_transactions"] = "2", ["max_logical_replication_workers"] = "1" }
        );
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync("/v1/arbiter/control")).Expect(201);
        await mesh[0].ExecuteAsync("create table forgotten (id int primary key); create role app login superuser");
        await mesh[0].ExecuteAsync("begin; insert into forgotten values (1); prepare transaction 'half; done'");
        await using var session = await mesh[0].OpenAsync();
        await session.ExecuteAsync("set role app; begin; insert into forgotten values (2)");

        var refusal = await mesh[1]
            .Api.PutAsync("/v1/arbiter/subscription/control", new { inbound_node = 0, connection_string = mesh.Conninfo(0, 1) });
        refusal.ExpectProblem(409, "prepared transaction half; done of role");
        refusal.ExpectProblem(409, $"session {session.ProcessID} of role");
        refusal.ExpectProblem(409, "idle in transaction, open for 00:00:");
        Assert.Contains(
            $"ROLLBACK PREPARED 'half; done'; (or COMMIT PREPARED) SELECT pg_terminate_backend({session.ProcessID});",
            (string?)refusal.Json["hint"],
            StringComparison.Ordinal
        );
        Assert.Equal("0", await mesh[0].TextAsync("select count(*) from pg_replication_slots"));
        await mesh[0].ExecuteAsync("rollback prepared 'half; done'");
        await mesh[0].ExecuteAsync($"select pg_terminate_backend({session.ProcessID})");
        await mesh.SubscribeAsync(1, 0);

        await mesh[1].AwaitStateAsync(0, "streaming");
        await mesh.SubscribeAsync(1, 2);
        await Eventually.TrueAsync(
            "the second link says that there is no worker for it",
            async () =>
                ((string?)(await mesh[1].SubscriptionAsync(2))?["last_error"])?.Contains(
                    "max_logical_replication_workers",
                    StringComparison.Ordinal
                ) == true,
            mesh.Diagnose
        );
        Assert.Null((string?)(await mesh[1].SubscriptionAsync(0))!["last_error"]);
    }

    /// <summary>PostgreSQL 18 can invalidate a slot that nobody uses, as a pause leaves it.</summary>
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Pause_WithATimeOutForIdleSlots_WarnsAndNamesItAfterwards()
    {
        await using var mesh = await TestMesh.StartAsync(
            [18, 18],
            new Dictionary<string, string> { ["idle_replication_slot_timeout"] = "1h" }
        );
        await mesh.ConnectAllAsync();
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        await SaysAsync("paused", "Node 0 invalidates a slot that is unused for 3600 s (idle_replication_slot_timeout)");

        await mesh[0].ExecuteAsync("alter system set idle_replication_slot_timeout = '1s'");
        await mesh[0].ExecuteAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(
            "the slot is invalidated",
            async () =>
            {
                await mesh[0].ExecuteAsync("checkpoint");
                return await mesh[0].TextAsync("select invalidation_reason from pg_replication_slots where slot_name = 'trktr_sub_1_0'")
                    == "idle_timeout";
            },
            mesh.Diagnose
        );
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await SaysAsync("broken", "was unused for idle_replication_slot_timeout");

        Task SaysAsync(string state, string words) =>
            Eventually.TrueAsync(
                $"the subscription is {state}: {words}",
                async () =>
                    await mesh[1].SubscriptionAsync(0) is { } subscription
                    && (string?)subscription["state"] == state
                    && ((string?)subscription["last_error"])?.Contains(words, StringComparison.Ordinal) == true,
                mesh.Diagnose
            );
    }
}
