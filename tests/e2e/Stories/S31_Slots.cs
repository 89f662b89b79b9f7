using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine;
using static Traktor.E2ETests.Stories.SlotOfNode1;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// The slot that a node has on its peer: made, dropped and made again by the node alone, whatever happens meanwhile.
/// </summary>
public sealed class S31_Slots
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(FaultPoint.SlotRemembered)]
    [InTurn(FaultPoint.SlotClaimed)]
    [InTurn(FaultPoint.SlotCreated)]
    [InTurn(FaultPoint.SlotReleased)]
    public async Task Node_KilledWhileItsSlotIsMadeOrDropped_LeavesNothingAndDoesItAgain(string point)
    {
        await using var mesh = await TestMesh.StartAsync([18, 18], null);
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync(Control)).Expect(201);
        if (point == FaultPoint.SlotReleased)
        {
            await mesh.SubscribeAsync(1, 0);
            await KillAsync(mesh[1], point, () => mesh[1].Api.DeleteAsync(Subscription, new { inbound_node = 0 }));
        }
        else
        {
            await KillAsync(mesh[1], point, () => SubscribeAsync(mesh[1], mesh));
        }

        await ForgottenAsync(mesh[1]);
        Assert.Equal("", await mesh[0].TextAsync(Kept));
        await mesh.SubscribeAsync(1, 0);
        await mesh[1].AwaitStateAsync(0, "streaming");
        (await mesh[1].Api.DeleteAsync(Control)).Expect(200);
        Assert.Equal("", await mesh[0].TextAsync(Kept));
    }

    /// <summary>
    /// An operator follows what was said about a slot that is left, and the peer is back at that moment and drops it.
    /// </summary>
    [Fact]
    public async Task Slot_DroppedByItsNodeAndByAnOperatorAtOnce_IsGoneWithoutADeadlock()
    {
        await using var mesh = await TestMesh.StartFullAsync(Tier.Major, Tier.Major);
        (await mesh[1].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        await mesh[0].AwaitTextAsync($"select active from pg_replication_slots where slot_name = '{Slot}'", "False");
        await using var operators = await mesh[0].OpenAsync();
        await using var peers = await mesh[0].OpenAsync();
        await operators.ExecuteAsync("begin; select from trktr.node_lock where name = 'replicaset' for update");
        var releasing = peers.ExecuteAsync(
            $"""
            select trktr.release_slot('{Slot}', 1, o.incarnation, o.system_identifier, o.database_oid)
            from trktr.slot_owner o
            where o.node_id = 1
            """
        );
        await mesh[0].AwaitTextAsync($"select wait_event_type from pg_stat_activity where pid = {peers.ProcessID}", "Lock");
        await operators.ExecuteAsync("select trktr.unregister_subscriber(1); commit");
        await releasing;
        await mesh[0].ExecuteAsync($"select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '{Slot}'");
        Assert.Equal("", await mesh[0].TextAsync(Kept));
    }

    /// <summary>
    /// Slots of all databases of a server share one name space, and anybody may have made one by hand.
    /// </summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task Slot_ThatNobodyNoted_IsNotTaken()
    {
        await using var mesh = await TestMesh.StartAsync(18, 18);
        foreach (var node in mesh.Nodes)
            (await node.Api.PutAsync(Control)).Expect(201);
        foreach (var database in (string[])[TestMesh.Database, "postgres"])
        {
            await using (var connection = await mesh[0].OpenAsync())
            {
                await connection.ChangeDatabaseAsync(database);
                await using var make = new NpgsqlCommand($"select pg_create_logical_replication_slot('{Slot}', 'pgoutput')", connection);
                await make.ExecuteNonQueryAsync();
            }

            (await SubscribeAsync(mesh[1], mesh)).ExpectProblem(409, "a database that is not known");
            await ForgottenAsync(mesh[1]);
            Assert.Equal(Slot + database, await mesh[0].TextAsync(Kept));

            // What the refusal says to run, if the database is gone.
            await mesh[0].ExecuteAsync($"select pg_drop_replication_slot('{Slot}')");
            await mesh.SubscribeAsync(1, 0);
            (await mesh[1].Api.DeleteAsync(Subscription, new { inbound_node = 0 })).Expect(200);
        }
    }
}
