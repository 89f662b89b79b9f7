using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// A heal that had to wait for a row decides by the row that it gets, not by the one that it waited for.
/// </summary>
public sealed class WaitingTests
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Row_ChangedWhileAHealWaitsForIt_IsDecidedAsItIsThen(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text, email text unique)");
        await mesh[0].ExecuteAsync("insert into item values (1, 'old', 'a'), (3, 'third', 'c')");
        await mesh.AgreeAsync("select count(*) from item", "2");
        Split.Cut(mesh, 1);
        // The insert stops the subscription, and the heal comes to the others in its wake.
        await mesh[1].ExecuteAsync("insert into item values (2, 'early', null)");
        await mesh[0]
            .ExecuteAsync(
                "begin; insert into item values (2, 'late', null); update item set name = 'from 0' where id = 1; commit; "
                    + "insert into item values (4, 'blocking', 'moved')"
            );
        await using var local = await mesh[1].OpenAsync();
        await local.ExecuteAsync("begin; update item set name = 'from 1' where id = 1; update item set email = 'moved' where id = 3");
        Split.Heal(mesh, 1);
        await mesh[1]
            .AwaitTextAsync(
                "select count(*) > 0 from pg_stat_activity where application_name like 'trktr_sub_%_heal' and wait_event_type = 'Lock'",
                "True"
            );
        await local.ExecuteAsync("commit");

        await Split.AwaitEqualAsync(mesh, "item");
        await mesh.RestAsync();
        Assert.Equal("1|from 1|a\n2|late|\n3|third|moved", await mesh[0].TextAsync("select * from item order by id"));
        Assert.Equal(
            "1|update_origin_differs|from 1|from "
                + "0|keep_local\n2|insert_exists|early|late|apply_remote\n4|insert_exists|third|blocking|keep_local",
            await mesh[1]
                .TextAsync(
                    "select key ->> 'id', conflict_type, local_row ->> 'name', remote_row ->> 'name', resolution from "
                        + "trktr.history where peer = 0 order by 1"
                )
        );
    }

    /// <summary>
    /// A deferred trigger refuses the commit, of one row and of a transaction with two tables: the error waits as any
    /// other does, and is named, rather than being tried again without end.
    /// </summary>
    [Fact]
    [Trait("Tier", "turn")]
    public async Task Commit_RefusedByADeferredTrigger_WaitsUntilTheTableIsFixed()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await mesh.ReplicateAsync("public.other", "create table public.other (id int primary key)");
        foreach (
            var change in new[]
            {
                "insert into item values (1, 'from 0')",
                "begin; insert into other values (1); insert into item values (2, 'from 0'); commit",
            }
        )
        {
            await mesh[1]
                .ExecuteAsync(
                    """
                    create function refuse() returns trigger language plpgsql as $f$ begin raise exception 'not today'; end $f$;
                    create constraint trigger late after insert on item deferrable initially deferred
                        for each row execute function refuse();
                    alter table item enable always trigger late
                    """
                );
            await mesh[0].ExecuteAsync(change);
            await mesh[1]
                .AwaitTextAsync(
                    "select sql_state_code, reason like 'not today%' from trktr.conflicts where conflict_type = 'apply_error'",
                    "P0001|True"
                );
            await Eventually.TrueAsync(
                "the status shows it",
                async () => (bool)(await mesh[1].StatusAsync())["is_tainted"]!,
                mesh.Diagnose
            );
            await mesh[1].ExecuteAsync("drop function refuse cascade; alter table other add more int; alter table other drop more");
            await mesh.AgreeAsync("select (select count(*) from item), (select count(*) from other)", change[0] == 'i' ? "1|0" : "2|1");
            await mesh[1].AwaitTextAsync("select count(*) from trktr.conflicts", "0");
        }
    }

    /// <summary>
    /// A table is fixed and the subscription enabled by hand while the arbiter is down: the server's own worker applies
    /// what had failed, and no heal comes by that could resolve the error.
    /// </summary>
    [Fact]
    public async Task Error_WhoseTransactionTheServerAppliedSince_IsResolved()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await mesh[1].ExecuteAsync("alter table item add constraint no_late check (name <> 'late')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'late')");
        await mesh[1].AwaitTextAsync("select count(*) from trktr.history where conflict_type = 'apply_error' and resolved is null", "1");

        await mesh[1].Arbiter.KillAsync();
        await mesh[1].ExecuteAsync("alter table item drop constraint no_late; alter subscription trktr_sub_1_0 enable");
        await mesh[1].AwaitTextAsync("select name from item", "late");
        Assert.Equal("1", await mesh[1].TextAsync("select count(*) from trktr.history where resolved is null"));
        await mesh[1].Arbiter.StartAsync();

        await mesh[1].AwaitTextAsync("select resolution, resolved_by from trktr.history where resolved is not null", "apply_remote|mended");
        await Eventually.TrueAsync(
            "nothing waits any more",
            async () => !(bool)(await mesh[1].StatusAsync())["is_tainted"]!,
            mesh.Diagnose
        );
    }
}
