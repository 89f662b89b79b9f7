using System.Text.Json.Nodes;
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
    [Theory]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task EveryPath_TableFullOfItsOwnersCode_RunsItWithTheOwnersRights(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync(OwnersCode.Table, OwnersCode.Create);
        await mesh.EverywhereAsync(OwnersCode.StepOut);

        // Healed: one row, many rows, updates and deletes of rows that another node wrote later.
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync($"{Insert(1, 10, "one")}; {Insert(20, 20, "one")}");
        await mesh[0].ExecuteAsync(Insert(1, 10, "zero"));
        await mesh[0].ExecuteAsync(Insert(20, 20, "zero"));
        await mesh[0].ExecuteAsync("update den.item set note = 'again' where id = 1; delete from den.item where id = 2");
        await mesh[1].ExecuteAsync("update den.item set note = 'later' where id = 3");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select count(*), count(*) filter (where note = 'zero') from den.item", "10|8");

        // Silent conflicts, and rows that another unique key does not let in.
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

        await ByHandAsync(mesh);
        await OwnersCode.AssertHarmlessAsync(mesh);

        // Emptied beside a conflict.
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Insert(50, 50, "one"));
        await mesh[0].ExecuteAsync($"{Insert(50, 50, "zero")}; truncate den.item; {Insert(60, 61, "zero")}");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select string_agg(id::text, ' ' order by id) from den.item", "60 61");
        await OwnersCode.AssertHarmlessAsync(mesh);
    }

    /// <summary>Rows shown, checked, merged and brought back.</summary>
    private static async Task ByHandAsync(TestMesh mesh)
    {
        await mesh.RestAsync();
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
            var row = (await node.Api.GetAsync($"/v1/arbiter/row/den.item?key={key}")).Expect(200).Json["row"]!;
            Assert.Equal(("40", "(1,2)"), ((string)row["id"]!, (string)row["p"]!));
            var written = new
            {
                row = new
                {
                    id = 40,
                    code = "c40",
                    n = 7,
                    note = "merged",
                },
            };
            var check = (await node.Api.PostAsync("/v1/arbiter/row/den.item", written)).Expect(200).Json;
            Assert.Equal(("7", 0), ((string)check["row"]!["n"]!, check["errors"]!.AsArray().Count));
            var id = await node.TextAsync("select id from trktr.conflicts");
            Assert.Null((await node.Api.GetAsync($"/v1/arbiter/conflicts/{id}/rows")).Expect(200).Json["problem"]);
        }

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
        JsonNode restored = (await mesh[0].Api.PostAsync($"/v1/arbiter/conflicts/{conflict}/restoration", new { version = "remote" }))
            .Expect(200)
            .Json;
        Assert.Equal("one", (string?)restored["row"]!["note"]);
        await mesh.AgreeAsync("select note from den.item where id = 40", "one");
    }
}
