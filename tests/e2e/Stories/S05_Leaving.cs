using System.Text.RegularExpressions;
using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Origins;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A node that is taken out is as it was before, whether its peer is there or not, and however often the arbiter was
/// killed on the way.
/// </summary>
public sealed partial class S05_Leaving(Beginners beginners) : IClassFixture<Beginners>
{
    private const string Control = "/v1/arbiter/control";
    private readonly TestMesh mesh = beginners.Mesh;

    [Fact]
    public async Task Leave_FromAWorkingMesh_NoObjectOfOursIsLeft()
    {
        await mesh.EverywhereAsync("create table \"My.Data\" (id int primary key, v text)");
        var before = await SnapshotsAsync();
        await mesh.ConnectAllAsync();
        foreach (var node in mesh.Nodes)
            await node.StageAsync("public.\"My.Data\"");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        await mesh[0].ExecuteAsync("insert into \"My.Data\" values (1, 'stays')");
        await mesh.AgreeAsync("select v from \"My.Data\"", "stays");

        // Twice the server gives up because of what others do at the same time.
        await mesh[1]
            .ExecuteAsync(
                """
                create sequence public.given_up;
                create function public.give_up() returns event_trigger language plpgsql as $f$
                begin
                    if nextval('public.given_up') <= 2 then
                        raise exception 'deadlock detected' using errcode = case currval('public.given_up')
                            when 1 then '40P01' else '40001' end;
                    end if;
                end $f$;
                create event trigger give_up on ddl_command_start when tag in ('DROP SUBSCRIPTION')
                    execute function public.give_up()
                """
            );
        var first = (await mesh[1].Api.DeleteAsync(Control)).Expect(200).Json;
        Assert.Equal("3", await mesh[1].TextAsync("select last_value from public.given_up"));
        await mesh[1].ExecuteAsync("drop function public.give_up() cascade; drop sequence public.given_up");
        Assert.True((bool)first["removed"]!);
        Assert.Contains("inbound_node 1", (string?)Assert.Single(first["leftovers"]!.AsArray()), StringComparison.Ordinal);
        var second = (await mesh[0].Api.DeleteAsync(Control)).Expect(200).Json;
        Assert.Empty(second["leftovers"]!.AsArray());

        Assert.Equal(before, await SnapshotsAsync());
        await mesh.AgreeAsync("select v from \"My.Data\"", "stays");
        Assert.False((bool)(await mesh[0].StatusAsync())["is_initialized"]!);
        Assert.False((bool)(await mesh[0].Api.DeleteAsync(Control)).Expect(200).Json["removed"]!);
        await mesh.EverywhereAsync("drop table \"My.Data\"");
    }

    [Theory]
    [InTurn(false)]
    [InTurn(true)]
    public async Task Leave_WhileThePeerIsDownOrHangs_FinishesAndSaysWhatIsLeftThere(bool hangs)
    {
        var before = await SnapshotsAsync();
        await mesh.ConnectAllAsync();
        if (hangs)
            mesh.Link(0, 1).Cut(CutMode.Blackhole);
        else
            await mesh[0].Server.StopAsync();

        var report = (await mesh[1].Api.DeleteAsync(Control)).Expect(200).Json;
        Assert.True((bool)report["removed"]!);
        var left = report["leftovers"]!.AsArray().Select(sentence => (string)sentence!).ToList();
        var slot = Assert.Single(left, sentence => sentence.Contains("trktr_sub_1_0", StringComparison.Ordinal));
        Assert.Equal(before[1], await CatalogSnapshot.TakeAsync(mesh[1]));

        // What the sentences say is all that is to be done.
        mesh.Link(0, 1).Heal();
        await mesh[0].Server.StartAsync();
        var removal = Statements().Match(slot).Value;
        if (hangs)
            await Eventually.TrueAsync("the slot is gone", () => RemoveAsync(removal), mesh.Diagnose);
        else
            await mesh[0].ExecuteAsync(removal);
        Assert.Contains(left, sentence => sentence.Contains("DELETE /v1/arbiter/subscription/control", StringComparison.Ordinal));
        await Eventually.TrueAsync(
            "arbiter 0 is ready again",
            async () => (await mesh[0].Api.GetAsync("/health/ready")).Code == 200,
            mesh.Diagnose
        );
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 1 })).Expect(200);
        (await mesh[0].Api.DeleteAsync(Control)).Expect(200);
        Assert.Equal(before, await SnapshotsAsync());
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Initialize_KilledOnTheWay_IsFinishedByRepeating()
    {
        var before = await CatalogSnapshot.TakeAsync(mesh[1]);
        foreach (var delay in new[] { 0, 8, 40 })
        {
            await KillDuringAsync(mesh[1], HttpMethod.Put, delay);
            var code = (await mesh[1].Api.PutAsync(Control)).Code;
            Assert.Contains(code, new[] { 200, 201 });
            Assert.True((bool)(await mesh[1].StatusAsync())["is_initialized"]!);
            (await mesh[1].Api.DeleteAsync(Control)).Expect(200);
            Assert.Equal(before, await CatalogSnapshot.TakeAsync(mesh[1]));
        }
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Leave_KilledOnTheWay_IsFinishedByRepeating()
    {
        var before = await SnapshotsAsync();
        foreach (var delay in new[] { 10, 60, 150 })
        {
            await mesh.ConnectAllAsync();
            await KillDuringAsync(mesh[1], HttpMethod.Delete, delay);
            (await mesh[1].Api.DeleteAsync(Control)).Expect(200);
            (await mesh[0].Api.DeleteAsync(Control)).Expect(200);
            Assert.Equal(before, await SnapshotsAsync());
        }
    }

    /// <summary>A loop of the arbiter makes a replication origin just as the node is taken out.</summary>
    [Fact]
    public async Task Leave_WhileAnOriginIsMade_TakesItAwayToo()
    {
        var before = await CatalogSnapshot.TakeAsync(mesh[1]);
        (await mesh[1].Api.PutAsync(Control)).Expect(201);
        await using var arbiter = await mesh[1].OpenAsync();
        await using var transaction = await arbiter.BeginTransactionAsync();
        await NodeOrigin.EnsureAsync(arbiter, 7, CancellationToken.None);
        var leaving = mesh[1].Api.DeleteAsync(Control);
        await mesh[1]
            .AwaitTextAsync("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'drop schema%'", "1");
        await transaction.CommitAsync();
        (await leaving).Expect(200);
        Assert.Equal(before, await CatalogSnapshot.TakeAsync(mesh[1]));
    }

    /// <summary>
    /// A loop that uses an origin waits for a table that is being dropped: a deadlock that no server detects.
    /// </summary>
    [Fact]
    public async Task Leave_WhileAnOriginsUserWaitsForATable_BeginsAnew()
    {
        var before = await CatalogSnapshot.TakeAsync(mesh[1]);
        (await mesh[1].Api.PutAsync(Control)).Expect(201);
        await using var other = await mesh[1].OpenAsync();
        await NodeOrigin.EnsureAsync(other, 7, CancellationToken.None);
        Task<Answer>? leaving = null;
        await NodeOrigin.UseAsync(
            other,
            7,
            async () =>
            {
                leaving = mesh[1].Api.DeleteAsync(Control);
                await mesh[1]
                    .AwaitTextAsync(
                        "select count(*) from pg_locks where relation = 'trktr.history'::regclass and mode = 'AccessExclusiveLock' "
                            + "and granted",
                        "1"
                    );
                await other.ExecuteAsync("select count(*) from trktr.history");
            },
            CancellationToken.None
        );
        (await leaving!).Expect(200);
        Assert.Equal(before, await CatalogSnapshot.TakeAsync(mesh[1]));
    }

    /// <summary>
    /// A session locks our objects in another order: the arbiter undoes what it did, and begins anew.
    /// </summary>
    [Fact]
    public async Task Leave_InADeadlock_BeginsAnew()
    {
        var before = await CatalogSnapshot.TakeAsync(mesh[1]);
        (await mesh[1].Api.PutAsync(Control)).Expect(201);
        await using var other = await mesh[1].OpenAsync();
        await other.ExecuteAsync("set deadlock_timeout = '1min'");
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync("select count(*) from trktr.history");
        var leaving = mesh[1].Api.DeleteAsync(Control);
        await mesh[1]
            .AwaitTextAsync("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'drop schema%'", "1");
        await other.ExecuteAsync("drop publication trktr_pub");
        await transaction.RollbackAsync();
        (await leaving).Expect(200);
        Assert.Equal(before, await CatalogSnapshot.TakeAsync(mesh[1]));
    }

    private static async Task KillDuringAsync(MeshNode node, HttpMethod method, int milliseconds)
    {
        var call = node.Api.CallAsync(method, Control);
        await Task.Delay(milliseconds);
        await node.Arbiter.KillAsync();
        // Answered just before the kill, or cut off.
        await Task.WhenAny(call);
        _ = call.Exception;
        await node.Arbiter.StartAsync();
        await Eventually.TrueAsync(
            $"arbiter {node.Id} sees its server",
            async () => (bool)(await node.StatusAsync())["is_reachable"]!,
            node.Diagnose
        );
    }

    /// <summary>
    /// What an operator runs; the call that hung may arrive after all when the link is healed, and be the one that
    /// drops the slot.
    /// </summary>
    private async Task<bool> RemoveAsync(string removal)
    {
        try
        {
            await mesh[0].ExecuteAsync(removal);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.ObjectInUse)
        {
            // Dropped just now, or its walsender has not noticed yet.
        }

        return await mesh[0].TextAsync("select slot_name from pg_replication_slots") == "";
    }

    private async Task<string[]> SnapshotsAsync() => [await CatalogSnapshot.TakeAsync(mesh[0]), await CatalogSnapshot.TakeAsync(mesh[1])];

    [GeneratedRegex("SELECT pg_drop_replication_slot.*;")]
    private static partial Regex Statements();
}
