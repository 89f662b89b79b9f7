using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Joining;

/// <summary>
/// Tables that belong to another role than the arbiter's are copied with that role's rights: what is attached to them
/// is its code.
/// </summary>
public sealed class OwnersTests
{
    // As a superuser's arbiter would run it, were it not for the owner's rights.
    private const string Code = """
        create table shop.seen (who text, session text, role text);
        create function shop.note() returns trigger language plpgsql as $$
        begin
            begin
                perform set_config('role', 'none', true);
            exception when others then null;
            end;
            insert into shop.seen values (current_user, session_user, current_setting('role'));
            return new;
        end $$;
        create trigger note before insert on shop.item for each row execute function shop.note();
        alter table shop.item enable always trigger note;
        create function shop.checked(v int) returns boolean language plpgsql immutable as $$
        begin
            return current_user = 'shop' and v >= 0;
        end $$;
        alter table shop.item add check (shop.checked(v));
        alter table shop.seen owner to shop;
        alter function shop.note() owner to shop;
        alter function shop.checked(int) owner to shop
        """;

    private const string Tables = """
        do $$ begin create role shop; exception when duplicate_object then null; end $$;
        create schema shop authorization shop;
        create domain shop.positive as int check (value > 0);
        create table shop.item (id int generated always as identity primary key, v int, d shop.positive, tags text[]);
        alter table shop.item owner to shop;
        alter domain shop.positive owner to shop
        """;

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(false)]
    [InTurn(true)]
    public async Task Tables_OfAnotherRole_AreCopiedWithItsRights(bool isOrdinary)
    {
        await using var mesh = await TestMesh.StartAsync([18, 17], null);
        await mesh.EverywhereAsync(Tables);
        if (isOrdinary)
            await mesh.ConnectAllAsOrdinaryAsync();
        else
            await mesh.ConnectAllAsync();
        foreach (var node in mesh.Nodes)
            await node.StageAsync("shop.item");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        await mesh[0].ExecuteAsync("insert into shop.item (v, d, tags) select n, n, array[n::text] from generate_series(1, 3000) n");
        await mesh.AgreeAsync("select count(*) from shop.item", "3000");
        var joining = await mesh.AddNodeAsync(16);
        await joining.ExecuteAsync(Tables);
        await joining.ExecuteAsync(Code);
        if (isOrdinary)
            await Grants.UseAsync(joining);
        var own = isOrdinary ? mesh.Link(2, 0).Conninfo(TestMesh.Database, Grants.Role, Grants.Password) : mesh.Conninfo(2, 0);
        var source = isOrdinary ? mesh.Link(0, 2).Conninfo(TestMesh.Database, Grants.Role, Grants.Password) : mesh.Conninfo(0, 2);
        var answer = await joining.Api.PutAsync(
            "/v1/arbiter/join",
            new { connection_string = own, source = new { node = 0, connection_string = source } }
        );
        var report = await mesh.JoinedAsync((long)answer.Expect(202).Json["task"]!["id"]!);
        Assert.Equal(
            (1, 3000, 1, 0),
            (
                (int)report["task"]!["result"]!["tables"]!,
                (int)report["task"]!["result"]!["rows"]!,
                (int)report["task"]!["result"]!["equal"]!,
                (int)report["task"]!["result"]!["different"]!
            )
        );
        Assert.Equal("shop|3000", await joining.TextAsync("select who, count(*) from shop.seen group by who"));
        await mesh[1].ExecuteAsync("set role shop; update shop.item set v = v + 1 where id <= 10");
        await joining.ExecuteAsync("set role shop; update shop.item set v = v + 1 where id between 11 and 20");
        await mesh.AgreeAsync("select sum(v) from shop.item", "4501520");
    }
}
