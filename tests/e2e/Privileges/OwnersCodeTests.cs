using System.Text.Json.Nodes;
using Traktor.E2ETests.Comparisons;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using static Traktor.E2ETests.Privileges.OwnersCode;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// Code that a table's owner attached to it never runs with the arbiter's rights, on any of the paths by which the
/// arbiter touches a user's table.
/// </summary>
public sealed class OwnersCodeTests
{
    private static readonly string[] Written = ["after trigger", "before trigger", "check", "domain", "generated column", "planned index"];
    private static readonly string[] Read = ["domain", "planned index", "statistics"];

    /// <summary>Kinds of code that must have run on each path, so that the case shows something.</summary>
    private static readonly (string Path, string[] Kinds)[] MustRun =
    [
        ("heal", [.. Written, "cast"]),
        ("convergence", [.. Written, "cast", "operator class"]),
        ("comparison", ["planned index"]),
        ("row", Read),
        ("row check", ["check", "domain"]),
        ("conflict rows", Read),
        ("merge", [.. Written, "cast"]),
        ("restoration", Written),
        ("default", ["default"]),
        ("truncate", [.. Written, "cast", "index expression", "index predicate", "operator class", "truncate trigger"]),
    ];

    [Theory]
    [InTurn(15, false)]
    [InTurn(16, false)]
    [InTurn(16, true)]
    [InTurn(17, false)]
    [InTurn(17, true)]
    [InTurn(18, false)]
    [InTurn(18, true)]
    public async Task EveryPath_TableFullOfItsOwnersCode_RunsItWithTheOwnersRights(int major, bool isOrdinary)
    {
        await using var mesh = await TestMesh.StartAsync(major, major);
        await mesh.EverywhereAsync(OwnersCode.Create);
        var run = Guid.NewGuid().ToString("N");
        await EnterAsync("none");
        if (isOrdinary)
            await mesh.ConnectAllAsOrdinaryAsync();
        else
            await mesh.ConnectAllAsync();
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.StepOut);

        // Healed: one row, many rows, updates and deletes of rows that another node wrote later.
        await EnterAsync("heal");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync($"{Insert(1, 10, "one")}; {Insert(20, 20, "one")}");
        await mesh[0].ExecuteAsync(Insert(1, 10, "zero"));
        await mesh[0].ExecuteAsync(Insert(20, 20, "zero"));
        await mesh[0].ExecuteAsync("update den.item set note = 'again' where id = 1; delete from den.item where id = 2");
        await mesh[1].ExecuteAsync("update den.item set note = 'later' where id = 3");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select count(*), count(*) filter (where note = 'zero') from den.item", "10|8");
        await mesh.RestAsync();

        // Silent conflicts, and rows that another unique key does not let in.
        await EnterAsync("convergence");
        Split.Cut(mesh, 1);
        await mesh[0]
            .ExecuteAsync(
                "update den.item set note = 'first' where id between 4 and 8; insert into den.item (id, code) values (31, 'same')"
            );
        await mesh[1]
            .ExecuteAsync(
                "update den.item set note = 'second' where id between 4 and 8; insert into den.item (id, code) values (32, 'same')"
            );
        Split.Heal(mesh, 1);
        await Split.AwaitEqualAsync(mesh, OwnersCode.Table);
        await mesh.AgreeAsync("select count(*) from den.item where note = 'second' or id = 32", "6");

        await mesh.RestAsync();
        await EnterAsync("comparison");
        var comparison = await mesh[0].ComparedAsync(await mesh[0].CompareAsync());
        Assert.True((bool)comparison.Table(OwnersCode.Table)["is_proven"]!);
        await ByHandAsync(mesh, EnterAsync);

        // Emptied beside a conflict.
        await mesh.RestAsync();
        await EnterAsync("truncate");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Insert(50, 50, "one"));
        await mesh[0].ExecuteAsync($"{Insert(50, 50, "zero")}; truncate den.item; {Insert(60, 61, "zero")}");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select string_agg(id::text, ' ' order by id) from den.item", "60 61");
        await mesh.RestAsync();

        // A column that the peer's table lacks.
        (await mesh[0].Api.DeleteAsync("/v1/arbiter/subscription/control", new { inbound_node = 1 })).Expect(200);
        await mesh[1].ExecuteAsync("set role mallory; alter table den.item add more integer default den.mark(0, 'default'); reset role");
        await EnterAsync("default");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Insert(70, 70, "one"));
        await mesh[0].ExecuteAsync(Insert(70, 71, "zero"));
        Split.Heal(mesh, 1);
        await mesh[1].AwaitTextAsync("select string_agg(note, ' ') from den.item where id in (70, 71)", "zero zero");

        await OwnersCode.AssertHarmlessAsync(mesh);
        var seen = mesh.Nodes.SelectMany(node => OwnersCode.Seen(node, run)).ToList();
        var sessions = mesh.Nodes.Select(node => isOrdinary ? Grants.Role : "postgres").ToHashSet();
        Assert.DoesNotContain(seen, one => one.After != one.Held || !one.Held.StartsWith($"{OwnersCode.Role}/", StringComparison.Ordinal));
        Assert.All(seen, one => Assert.Contains(one.Held.Split('/')[1], sessions));
        foreach (var (path, kinds) in MustRun)
            Assert.Equal([], kinds.Except(seen.Where(one => one.Path == path).Select(one => one.Kind)));
        Assert.DoesNotContain(seen, one => one.Kind is "policy" or "view");

        Task EnterAsync(string path) => mesh.EverywhereAsync(OwnersCode.Path(run, path));
    }

    /// <summary>
    /// A version is brought back as an application would write it, so that the server rechecks deferred constraints at
    /// the commit. The recheck evaluates an expression of the owner's.
    /// </summary>
    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Restore_ConstraintThatIsRecheckedAtTheCommit_IsRefusedAndNamed(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(
            "den.item",
            """
            create role mallory;
            create schema den authorization mallory;
            set role mallory;
            create function den.climb() returns void language plpgsql as
                'begin alter role mallory superuser; exception when insufficient_privilege then null; end';
            create function den.slot(id integer, note text) returns integer language plpgsql immutable as $f$
            begin
                if current_setting('application_name') not like 'traktor%' then
                    return id;
                end if;
                perform den.climb();
                return case current_user when 'mallory' then 0 else id end;
            end $f$;
            create table den.item (id integer primary key, note text);
            reset role
            """
        );
        // A table that has it is not replicated. Its owner may add it later.
        await mesh.EverywhereAsync(
            "set role mallory; alter table den.item add exclude using btree (den.slot(id, note) with =) deferrable initially deferred"
        );
        await mesh[0].ExecuteAsync("insert into den.item values (0, '')");
        await mesh.AgreeAsync("select count(*) from den.item", "1");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into den.item values (1, 'one')");
        await mesh[0].ExecuteAsync("insert into den.item values (1, 'zero')");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select note from den.item where id = 1", "zero");
        await mesh[1].AwaitTextAsync("select count(*) from trktr.history where resolved is not null", "1");
        var conflict = await mesh[1].TextAsync("select id from trktr.history");
        var refused = await mesh[1].Api.PostAsync($"/v1/arbiter/conflicts/{conflict}/restoration", new { version = "local" });
        await OwnersCode.AssertHarmlessAsync(mesh);
        Assert.Contains("deferrable", refused.Text, StringComparison.Ordinal);
        Assert.Equal("zero", await mesh[1].TextAsync("select note from den.item where id = 1"));
    }

    /// <summary>Rows shown, checked, merged and brought back.</summary>
    private static async Task ByHandAsync(TestMesh mesh, Func<string, Task> enter)
    {
        await mesh.RestAsync();
        await enter("none");
        foreach (var node in mesh.Nodes)
            await node.AwaitStateAsync(1 - node.Id, "streaming");
        await mesh.EverywhereAsync("update trktr.replicaset set policy = 'manual'");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Insert(40, 40, "one"));
        await mesh[0].ExecuteAsync(Insert(40, 40, "zero"));
        Split.Heal(mesh, 1);
        foreach (var node in mesh.Nodes)
            await node.AwaitTextAsync("select count(*) from trktr.conflicts", "1");
        var key = Uri.EscapeDataString("""{"id":40}""");
        foreach (var node in mesh.Nodes)
        {
            await enter("row");
            var row = (await node.Api.GetAsync($"/v1/arbiter/row/den.item?key={key}")).Expect(200).Json["row"]!;
            Assert.Equal(("40", "(1,2)"), ((string)row["id"]!, (string)row["p"]!));
            var written = new
            {
                row = new
                {
                    id = 40,
                    code = "c40",
                    n = 7,
                    p = "(1,2)",
                    note = "merged",
                    level = "high",
                    own = 0,
                },
            };
            await enter("row check");
            var check = (await node.Api.PostAsync("/v1/arbiter/row/den.item", written)).Expect(200).Json;
            Assert.Equal(("7", 0), ((string)check["row"]!["n"]!, check["errors"]!.AsArray().Count));
            var id = await node.TextAsync("select id from trktr.conflicts");
            await enter("conflict rows");
            Assert.Null((await node.Api.GetAsync($"/v1/arbiter/conflicts/{id}/rows")).Expect(200).Json["problem"]);
        }

        await enter("merge");
        var conflict = await mesh[0].TextAsync("select id from trktr.conflicts");
        (
            await mesh[0]
                .Api.PostAsync(
                    $"/v1/arbiter/conflicts/{conflict}/resolution",
                    new { resolution = "merge", row = new { id = 40, note = "merged" } }
                )
        ).Expect(200);
        await mesh.AgreeAsync("select note from den.item where id = 40", "merged");
        await mesh.EverywhereAsync("update trktr.replicaset set policy = 'last_update_wins'");
        await mesh.RestAsync();
        await enter("restoration");
        JsonNode restored = (await mesh[0].Api.PostAsync($"/v1/arbiter/conflicts/{conflict}/restoration", new { version = "remote" }))
            .Expect(200)
            .Json;
        Assert.Equal("one", (string?)restored["row"]!["note"]);
        await mesh.AgreeAsync("select note from den.item where id = 40", "one");
    }
}
