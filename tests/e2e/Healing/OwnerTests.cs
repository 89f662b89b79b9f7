using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// Rows are healed as the server's own worker applies them: as the table's owner, TRUNCATE included, and only into
/// tables that are subscribed.
/// </summary>
public sealed class OwnerTests
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Heal_TableOfAnotherOwner_TriggersRunWithTheOwnersRights(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(
            "public.item",
            """
            create role clerk;
            create table public.item (id int primary key, name text, code text unique);
            create table public.seen (who text);
            create function public.see() returns trigger language plpgsql as '
            begin
                insert into public.seen values (current_user);
                return null;
            end';
            create trigger see after insert or update or delete on public.item for each row execute function public.see();
            alter table public.item enable always trigger see;
            alter table public.item owner to clerk;
            alter table public.seen owner to clerk;
            alter table public.item enable row level security;
            grant create, usage on schema public to clerk;
            """
        );
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'early', 'a'), (2, 'early', 'b')");
        await mesh[0]
            .ExecuteAsync("insert into item values (1, 'late', 'a'), (3, 'late', 'b'); update item set name = 'later' where id = 3");
        await mesh[1].ExecuteAsync("truncate seen");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select id, name, code from item order by id", "1|late|a\n3|later|b");
        Assert.Equal("clerk", await mesh[1].TextAsync("select distinct who from seen"));
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Truncate_BesideAConflict_IsApplied()
    {
        await using var mesh = await TestMesh.StartFullAsync(17, 17);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, name text)");
        await mesh.ReplicateAsync(
            "public.bin",
            "create table public.bin (id int primary key) partition by range (id); create table public.bin_1 partition of "
                + "public.bin for values from (0) to (10)"
        );
        await mesh[0].ExecuteAsync("insert into bin values (1), (2)");
        await mesh.AgreeAsync("select count(*) from bin", "2");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'early')");
        await mesh[0].ExecuteAsync("begin; insert into item values (1, 'late'); truncate bin; insert into bin values (3); commit");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select id from bin", "3");
        await mesh.AgreeAsync("select name from item", "late");
    }
}
