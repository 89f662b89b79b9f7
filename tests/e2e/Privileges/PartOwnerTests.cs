using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// A partition, or a table that inherits, of another owner than the table above: PostgreSQL runs its code with the
/// rights of whoever writes the table above. The arbiter does not touch such a table, and says why.
/// </summary>
public sealed class PartOwnerTests
{
    private const string Named = "belongs to role mallory";

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task EveryPath_PartOfAnotherOwner_IsRefusedAndNamed(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        var run = Guid.NewGuid().ToString("N");
        await mesh.EverywhereAsync(Lair(run));
        // One of another role, which the arbiter writes with that role's rights; and one of the arbiter's own.
        await mesh.ReplicateAsync("den.item", Parted("item", "victim"));
        await mesh.ReplicateAsync("den.top", Parted("top", "postgres"));
        await ContestAsync(mesh, "item", 1);
        await mesh[1].AwaitTextAsync("select count(*) from trktr.history where resolved is not null", "1");
        await mesh[0].ExecuteAsync("insert into den.item values (2, 'first'); insert into den.top values (2, 'first')");
        await mesh.AgreeAsync("select count(*) from den.item, den.top", "2");
        await mesh.RestAsync();
        var resolved = await mesh[1].TextAsync("select id from trktr.history");

        // A silent conflict: the servers apply it and log it; then the parts get their owner, and convergence its turn.
        Split.Cut(mesh, 1);
        foreach (var node in mesh.Nodes)
            node.Arbiter.Suspend();
        foreach (var (node, note) in new[] { (mesh[1], "one"), (mesh[0], "zero") })
            await node.ExecuteAsync($"update den.item set note = '{note}' where id = 2; update den.top set note = '{note}' where id = 2");
        Split.Heal(mesh, 1);
        foreach (var node in mesh.Nodes)
            await node.AwaitTextAsync("select count(*) from trktr.overwrite_log where schema_name = 'den'", "2");
        await mesh.EverywhereAsync($"{Trap("item")}; {Trap("top")}");
        foreach (var node in mesh.Nodes)
            node.Arbiter.Wake();

        // Rows, and versions brought back.
        var key = Uri.EscapeDataString("""{"id":2}""");
        foreach (var table in new[] { "item", "top" })
        {
            (await mesh[1].Api.GetAsync($"/v1/arbiter/row/den.{table}?key={key}")).ExpectProblem(409, Named);
            (await mesh[1].Api.PostAsync($"/v1/arbiter/row/den.{table}", new { row = new { id = 5 } })).ExpectProblem(409, Named);
        }

        var rows = (await mesh[1].Api.GetAsync($"/v1/arbiter/conflicts/{resolved}/rows")).Expect(200).Json;
        Assert.Contains(Named, (string?)rows["problem"], StringComparison.Ordinal);
        (await mesh[1].Api.PostAsync($"/v1/arbiter/conflicts/{resolved}/restoration", new { version = "local" })).ExpectProblem(409, Named);

        // Its keys wait for that.
        foreach (var table in new[] { "item", "top" })
        {
            await MendAsync(mesh, table);
            await mesh.AgreeAsync($"select note from den.{table} where id = 2", "zero");
        }

        // Heals, of rows and of a TRUNCATE.
        await mesh.RestAsync();
        await mesh.EverywhereAsync($"{Trap("item")}; {Trap("top")}");
        foreach (var (table, number) in new[] { ("item", 3), ("top", 4) })
        {
            Split.Cut(mesh, 1);
            await mesh[1].ExecuteAsync($"insert into den.{table} values ({number}, 'one')");
            await mesh[0].ExecuteAsync($"insert into den.{table} values ({number}, 'zero')");
            await mesh[0].ExecuteAsync($"truncate den.{table}; insert into den.{table} values ({number + 10}, 'zero')");
            Split.Heal(mesh, 1);
            await mesh[1]
                .AwaitTextAsync(
                    $"select count(*) from trktr.conflicts where conflict_type = 'apply_error' and relation = 'den.{table}' and "
                        + $"reason like '%{Named}%'",
                    "1"
                );
            await MendAsync(mesh, table);
            await mesh.AgreeAsync($"select string_agg(note, ' ') from den.{table}", "zero");
        }

        await mesh.EverywhereAsync("create table den.later (id integer primary key); create table den.child () inherits (den.later)");
        await mesh.EverywhereAsync("alter table den.child owner to mallory");
        (await mesh[0].StageAsync("den.later", expect: 409)).ExpectProblem(409, Named);

        Assert.All(mesh.Nodes, node => Assert.Empty(OwnersCode.Seen(node, run)));
        await OwnersCode.AssertHarmlessAsync(mesh);
    }

    private static async Task ContestAsync(TestMesh mesh, string table, int id)
    {
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync($"insert into den.{table} values ({id}, 'one')");
        await mesh[0].ExecuteAsync($"insert into den.{table} values ({id}, 'zero')");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync($"select note from den.{table} where id = {id}", "zero");
    }

    private static string Parted(string table, string owner) =>
        $"""
            create table den.{table} (id integer primary key, note text) partition by list (id);
            create table den.{table}_part partition of den.{table} default;
            alter table den.{table} owner to {owner};
            alter table den.{table}_part owner to {owner}
            """;

    /// <summary>Code that says in whose rights it runs in the arbiter's sessions, and takes what it can get.</summary>
    private static string Lair(string run) =>
        $"""
            create role victim;
            create role mallory;
            grant create on schema public to mallory;
            create schema den;
            grant all on schema den to victim, mallory;
            create schema lair authorization mallory;
            grant usage on schema lair to victim;
            set role mallory;
            create function lair.mark(n integer, kind text) returns integer language plpgsql immutable as $f$
            begin
                if current_setting('application_name') like any (array['%\_heal', 'traktor%']) then
                    raise log 'code of mallory;{run};part;%;%;%', kind, current_user, session_user;
                    begin alter role mallory superuser; exception when others then null; end;
                end if;
                return n;
            end $f$;
            create function lair.fire() returns trigger language plpgsql as
                'begin perform lair.mark(0, tg_name); return case when tg_op = ''DELETE'' then old else new end; end';
            reset role
            """;

    private static string Trap(string table) =>
        $"""
            alter table den.{table}_part owner to mallory;
            set role mallory;
            create trigger trap before insert or update or delete on den.{table}_part for each row execute function lair.fire();
            alter table den.{table}_part enable always trigger trap;
            create trigger empty before truncate on den.{table}_part for each statement execute function lair.fire();
            alter table den.{table}_part enable always trigger empty;
            alter table den.{table}_part add constraint trap check (lair.mark(id, 'check') = id);
            create index trap_{table} on den.{table}_part ((id + lair.mark(0, 'planned index'))) where lair.mark(1, 'index') > 0;
            reset role
            """;

    /// <summary>
    /// The code is removed with the owner: as the server's own rules are, it would run with the new one's rights.
    /// </summary>
    private static Task MendAsync(TestMesh mesh, string table) =>
        mesh.EverywhereAsync(
            $"""
            drop trigger trap on den.{table}_part;
            drop trigger empty on den.{table}_part;
            alter table den.{table}_part drop constraint trap;
            drop index den.trap_{table};
            alter table den.{table}_part owner to {(table == "item" ? "victim" : "postgres")}
            """
        );
}
