using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>Many transactions of one row each, which a procedure applies and commits inside the server.</summary>
public sealed class StreamTests
{
    [Theory]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Transactions_OfWhichSomeNeedACloserLook_AreAllAppliedOnce(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table item (id int primary key, code text unique, v text)");
        await mesh.ReplicateAsync("public.written", "create table written (id int primary key)");
        Split.Cut(mesh, 1);
        await mesh[1]
            .ExecuteAsync(
                "insert into item select i, 'e' || i, 'early' from generate_series(1, 60) i; insert into item values (1020, "
                    + "'l20', 'early'), (1040, 'l40', 'early')"
            );
        // A procedure cannot let 20 and 40 in: the code is another row's. The rest is the procedure's, before, between
        // and after.
        await mesh[0]
            .ExecuteAsync(
                "do $$ begin for i in 1..60 loop insert into item values (i, 'l' || i, 'late'); commit; end loop; for i in "
                    + "1..60 loop insert into written values (i); commit; end loop; end $$"
            );
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select count(*), min(v), max(v), count(distinct code) from item", "60|late|late|60");
        await mesh.AgreeAsync("select count(*) from written", "60");
        Assert.Equal(
            "60|60",
            await mesh[1]
                .TextAsync(
                    "select count(*), count(distinct lsn) from trktr.history where relation = 'public.item' and resolution = 'apply_remote'"
                )
        );
    }

    [Theory]
    [InTurn(16, true)]
    [InTurn(18, false)]
    public async Task Transactions_ArbiterOrServerKilledAmongThem_AreAllAppliedOnce(int major, bool killsServer)
    {
        const int Count = 3000;
        const string Recorded = "select count(*) from trktr.history where relation = 'public.item'";
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table item (id int primary key, v text)");
        // What is applied a second time looks the same in the row; a line for each application does not.
        await mesh[1]
            .ExecuteAsync(
                "create table applied (id int); create function note() returns trigger language plpgsql as $$ begin insert "
                    + "into public.applied values (new.id); return null; end $$; "
                    + "create trigger note after update on item for each row execute function note(); alter table item enable "
                    + "replica trigger note"
            );
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync($"insert into item select i, 'early' from generate_series(1, {Count}) i");
        await mesh[0].ExecuteAsync($"do $$ begin for i in 1..{Count} loop insert into item values (i, 'late'); commit; end loop; end $$");
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync("some are applied", async () => await mesh[1].ScalarAsync<long>(Recorded) > 0, mesh.Diagnose);
        if (killsServer)
        {
            await mesh[1].Server.KillAsync();
            await mesh[1].Server.StartAsync();
        }
        else
        {
            await mesh[1].Arbiter.KillAsync();
            await mesh[1].Arbiter.StartAsync();
        }

        await mesh.AgreeAsync("select count(*), min(v) from item", $"{Count}|late");
        Assert.Equal($"{Count}|{Count}", await mesh[1].TextAsync("select count(*), count(distinct id) from applied"));
        Assert.Equal(
            $"{Count}|{Count}",
            await mesh[1]
                .TextAsync(
                    "select count(*), count(distinct lsn) from trktr.history where relation = 'public.item' and resolution = 'apply_remote'"
                )
        );
    }
}
