using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// Other sessions lock rows, and the network goes silent, while a heal is under way: tried again, and applied once.
/// </summary>
public sealed class TroubleTests
{
    private const string CreateTable = "create table public.item (id int primary key, name text)";

    private const string HealsLock =
        "select count(*) from pg_stat_activity where application_name = 'trktr_sub_1_0_heal' and wait_event_type = 'Lock'";

    /// <summary>A small transaction is tried again in the same heal, a large one by the next.</summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16, 10)]
    [InTurn(18, 2500)]
    public async Task Deadlock_WithALocalTransaction_TriedAgainAndAppliedOnce(int major, int rows)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", CreateTable);
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync($"insert into item select i, 'early' from generate_series(1, {rows}) i");
        await mesh[0].ExecuteAsync($"insert into item select i, 'late' from generate_series(1, {rows}) i");

        // The local transaction never looks for a deadlock itself, so that the heal is the one that finds it and gives
        // way. It looks once only: the local one must be in its way by then.
        await mesh[1]
            .ExecuteAsync("do $$ begin execute format('alter database %I set deadlock_timeout = ''5s''', current_database()); end $$");
        await using var local = await mesh[1].OpenAsync();
        await SandboxConnection.ExecuteAsync(
            local,
            $"set deadlock_timeout = '1h'; begin; update item set name = 'locked' where id = {rows}"
        );
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync(
            "the heal waits for the row",
            async () => await mesh[1].ScalarAsync<long>(HealsLock) == 1,
            mesh.Diagnose
        );
        await SandboxConnection.ExecuteAsync(local, "update item set name = 'locked' where id = 1");
        await SandboxConnection.ExecuteAsync(local, "rollback");

        await mesh.AgreeAsync("select name, count(*) from item group by name", $"late|{rows}");
        Assert.Equal(
            $"insert_exists|{rows}|{rows}",
            await mesh[1].TextAsync("select conflict_type, count(*), count(distinct key) from trktr.history group by 1")
        );
        await mesh[1].AwaitTextAsync("select deadlocks >= 1 from pg_stat_database where datname = current_database()", "True");
    }

    /// <summary>A trigger of the table's that does not wait for a lock: 55P03, as with a lock time-out.</summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(17)]
    [InTurn(18)]
    public async Task LockTimeOut_InATrigger_TriedAgainUntilItIsFree(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(
            "public.item",
            $$"""
            {{CreateTable}};
            create table public.gate (id int);
            insert into public.gate values (1);
            create sequence public.tried;
            create function public.pass() returns trigger language plpgsql as
                $f$begin perform nextval('public.tried'); perform from public.gate for update nowait; return new; end$f$;
            create trigger pass before insert on public.item for each row execute function public.pass();
            """
        );
        await mesh[1].ExecuteAsync("alter table item enable always trigger pass");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'early')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'late')");
        await using var local = await mesh[1].OpenAsync();
        await SandboxConnection.ExecuteAsync(local, "begin; select from gate for update");
        var tried = await mesh[1].ScalarAsync<long>("select last_value from tried");
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync(
            "it was tried several times",
            async () => await mesh[1].ScalarAsync<long>("select last_value from tried") > tried + 5,
            mesh.Diagnose
        );
        Assert.Equal("early", await mesh[1].TextAsync("select name from item"));
        Assert.Equal("0", await mesh[1].TextAsync("select count(*) from trktr.history"));
        await SandboxConnection.ExecuteAsync(local, "rollback");
        await mesh.AgreeAsync("select name from item", "late");
        Assert.Equal("insert_exists|apply_remote", await mesh[1].TextAsync("select conflict_type, resolution from trktr.history"));
    }

    /// <summary>
    /// Nothing passes and nothing is refused: the arbiter gives the subscription back, answers all the while, and all
    /// is applied once when the network is back.
    /// </summary>
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Blackhole_InTheMiddleOfAHeal_AppliedOnceWhenTheNetworkIsBack(int major)
    {
        const int Claims = 3000;
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await AuditedTable.CreateAsync(mesh);
        Split.Cut(mesh, 1);
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync(
                $"""
                do $$
                begin
                    for i in 1..{Claims} loop
                        insert into item values (i, 'node {node.Id}');
                        insert into audit values ('{node.Id}/' || i, 'claimed');
                        commit;
                    end loop;
                end
                $$
                """
            );
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync(
            "it heals",
            async () => await mesh[1].ScalarAsync<long>("select count(*) from trktr.history") > 0,
            mesh.Diagnose
        );
        mesh.Link(0, 1).Cut(CutMode.Blackhole);
        await mesh[1].ExecuteAsync("insert into item values (0, 'meanwhile')");
        await Eventually.TrueAsync(
            "the heal gives up and hands the subscription back",
            async () => await mesh[1].TextAsync("select subenabled, healing_state from pg_subscription, trktr.subscription") == "True|",
            mesh.Diagnose
        );
        (await mesh[1].Api.GetAsync("/v1/arbiter/status")).Expect(200);
        mesh.Link(0, 1).Heal();
        string[] acknowledged = [.. mesh.Nodes.SelectMany(node => Enumerable.Range(1, Claims).Select(key => $"{node.Id}/{key}"))];
        await AuditedTable.CheckAsync(mesh, acknowledged, TimeSpan.FromSeconds(90));
        await mesh.AgreeAsync("select count(*), count(distinct key) from trktr.history", $"{Claims}|{Claims}");
    }
}
