using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>Single rows over REST: looked up, checked before they are written, expected, brought back.</summary>
public sealed class RowTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    private RestApi Api => conflicts.Mesh[0].Api;

    [Fact]
    public async Task Row_OfAnyTypeAndName_IsTheSameTextOnEveryNode()
    {
        var mesh = conflicts.Mesh;
        await mesh.EverywhereAsync("create type shop.size as enum ('S', 'L'); create domain shop.code as text check (value ~ '^[A-Z]+$')");
        await mesh.ReplicateAsync(
            "shop.\"Odd, Name\"",
            """
            create table shop."Odd, Name" (
                "Key's" shop.code,
                "a.b" integer,
                at timestamptz,
                day date,
                span interval,
                data bytea,
                size shop.size,
                list numeric[],
                doc json,
                on_ boolean,
                f float8,
                primary key ("Key's", "a.b"))
            """
        );
        await mesh[0]
            .ExecuteAsync(
                """
                insert into shop."Odd, Name"
                values ('AB', 1, '2026-06-01 12:00:00.5+02', '2026-06-01', '1 day 02:00', '\x00ff', 'L', '{1.50,NULL}',
                    '{"b": 1, "a": 2}', true, 0.1)
                """
            );
        await mesh[1]
            .ExecuteAsync(
                $"alter database {TestMesh.Database} set timezone = 'Asia/Tokyo'; alter database {TestMesh.Database} set "
                    + $"datestyle = 'German'; alter database {TestMesh.Database} set intervalstyle = 'iso_8601'"
            );
        await mesh.AgreeAsync("""select count(*) from shop."Odd, Name" """, "1");
        await mesh[1].Arbiter.KillAsync();
        await mesh[1].Arbiter.StartAsync();
        var path =
            $"/v1/arbiter/row/{Uri.EscapeDataString("shop.\"Odd, Name\"")}?key={Uri.EscapeDataString("{\"Key's\": \"AB\", \"a.b\": 1}")}";
        Answer? there = null;
        await Eventually.TrueAsync(
            "node 1 answers",
            async () => await mesh[1].Api.StatusCodeAsync(path) is not null && (there = await mesh[1].Api.GetAsync(path)).Code == 200,
            mesh.Diagnose
        );
        var here = (await Api.GetAsync(path)).Expect(200).Json;
        Assert.Equal(here["row"]!.ToJsonString(), there!.Json["row"]!.ToJsonString());
        Assert.True(
            System.Text.Json.Nodes.JsonNode.DeepEquals(
                System.Text.Json.Nodes.JsonNode.Parse(
                    """
                    {"Key's":"AB","a.b":"1","at":"2026-06-01 10:00:00.5+00","day":"2026-06-01","span":"1 day 02:00:00",
                     "data":"\\x00ff","size":"L","list":"{1.50,NULL}","doc":"{\"b\": 1, \"a\": 2}","on_":"t","f":"0.1"}
                    """
                ),
                here["row"]
            ),
            here["row"]!.ToJsonString()
        );
        Assert.Equal(((string)here["stamp"]!, 0, 0), ((string)there.Json["stamp"]!, (int)here["origin"]!, (int)there.Json["origin"]!));
        Assert.Equal(
            "text,whole_number,timestamp_tz,date,other,other,enum,other,json,boolean,number",
            string.Join(',', here["columns"]!.AsArray().Select(column => (string)column!["kind"]!))
        );
    }

    [Fact]
    public async Task Row_ThatIsNoneOfOurs_IsRefused()
    {
        await conflicts
            .Mesh[0]
            .ExecuteAsync(
                "create table if not exists shop.secret (id int primary key, word text); create table if not exists "
                    + "shop.secret2 (id int primary key)"
            );
        async Task<Answer> GetAsync(string table, string key) =>
            await Api.GetAsync($"/v1/arbiter/row/{Uri.EscapeDataString(table)}?key={Uri.EscapeDataString(key)}");

        (await GetAsync("shop.secret", """{"id":1}""")).ExpectProblem(404, "not replicated");
        (await GetAsync("pg_catalog.pg_authid", """{"rolname":"postgres"}""")).ExpectProblem(404, "not replicated");
        (await GetAsync("shop.nothing", """{"id":1}""")).ExpectProblem(404, "does not exist");
        (await GetAsync(ConflictMesh.Table, """{"nothing":1}""")).ExpectProblem(400, "does not match");
        (await GetAsync(ConflictMesh.Table, "{}")).ExpectProblem(400, "does not match");
        (await GetAsync(ConflictMesh.Table, """{"id":"one"}""")).ExpectProblem(400, "does not fit its column");
        (await GetAsync(ConflictMesh.Table, """{"id":"1' or 'a'='a"}""")).ExpectProblem(400, "does not fit its column");
        (await GetAsync(ConflictMesh.Table, "[1]")).ExpectProblem(400, "must be a JSON object");
        (await Api.GetAsync("/v1/arbiter/row/shop.orders")).ExpectProblem(400, "key is missing");
        Assert.Null((await GetAsync(ConflictMesh.Table, """{"id":987654}""")).Expect(200).Json["row"]);
    }

    [Fact]
    public async Task Check_TellsWhatIsWrong_AndWritesNothing()
    {
        async Task<string> ErrorsAsync(object row) =>
            string.Join(
                " / ",
                (await Api.PostAsync("/v1/arbiter/row/shop.orders", new { row })).Expect(200).Json["errors"]!
                    .AsArray()
                    .Select(error => $"{error!["column"]}: {error["problem"]}")
            );

        Assert.Equal("", await ErrorsAsync(new { id = 3000, payload = "x" }));
        Assert.Contains(
            "id: invalid input syntax for type integer",
            await ErrorsAsync(new { id = "one", payload = "x" }),
            StringComparison.Ordinal
        );
        Assert.Contains("id: It cannot be NULL.", await ErrorsAsync(new { id = (int?)null }), StringComparison.Ordinal);
        Assert.Contains("total: The column is generated", await ErrorsAsync(new { total = 1 }), StringComparison.Ordinal);
        Assert.Contains("colour: shop.orders has no such column.", await ErrorsAsync(new { colour = 1 }), StringComparison.Ordinal);
        Assert.Equal("0", await conflicts.Mesh[0].TextAsync("select count(*) from shop.orders where id = 3000"));
    }

    [Fact]
    public async Task Decide_RowIsAnotherByNow_IsRefusedAndNothingIsDone()
    {
        var id = await conflicts.WaitingAsync(0, 3010);
        await conflicts.Mesh[0].ExecuteAsync("insert into shop.orders (id, payload) values (3010, 'here')");
        var seen = (await Api.GetAsync($"/v1/arbiter/row/shop.orders?key={Uri.EscapeDataString("""{"id":3010}""")}")).Expect(200).Json;
        var expected = new { stamp = (string?)seen["stamp"], origin = (int?)seen["origin"] };
        await conflicts.Mesh[0].ExecuteAsync("update shop.orders set payload = 'changed' where id = 3010");

        (await DecideAsync(id, new { resolution = "keep_local", expected })).ExpectProblem(409, "since you read it");
        (await DecideAsync(id, new { resolution = "keep_local", expected = new { stamp = (string?)null } })).ExpectProblem(
            409,
            "was written"
        );
        Assert.Equal("1", await conflicts.Mesh[0].TextAsync($"select count(*) from trktr.history where id = {id} and decision is null"));
        seen = (await Api.GetAsync($"/v1/arbiter/conflicts/{id}/rows")).Expect(200).Json["now"]!;
        Assert.Equal("changed", (string?)seen["row"]!["payload"]);
        (
            await DecideAsync(
                id,
                new { resolution = "keep_local", expected = new { stamp = (string?)seen["stamp"], origin = (int?)seen["origin"] } }
            )
        ).Expect(200);
    }

    [Fact]
    public async Task Restore_LosingVersion_IsWrittenOnceAndReachesEveryNode()
    {
        var id = await conflicts.WaitingAsync(0, 3020, local: "here", remote: "there");
        (await RestoreAsync(id, new { version = "remote" })).ExpectProblem(409, "is not resolved yet");
        await conflicts.ResolveAsync(0, id);
        await conflicts.Mesh[0].ExecuteAsync("insert into shop.orders (id, payload) values (3020, 'here')");
        (await RestoreAsync(id, new { version = "remote", expected = new { stamp = (string?)null } })).ExpectProblem(409, "was written");

        var report = (await RestoreAsync(id, new { version = "remote", by = "Night shift" })).Expect(200).Json;
        Assert.Equal(("there", "6040"), ((string?)report["row"]!["payload"], (string?)report["row"]!["total"]));
        await conflicts.Mesh.AgreeAsync("select payload from shop.orders where id = 3020", "there");
        Assert.Contains(
            "The remote version was restored by Night shift",
            (string?)(await Api.GetAsync($"/v1/arbiter/conflicts/{id}")).Json["conflict"]!["reason"],
            StringComparison.Ordinal
        );
        await conflicts.Mesh[0].ExecuteAsync("delete from shop.orders where id = 3020");
        (await RestoreAsync(id, new { version = "local" })).Expect(200);
        await conflicts.Mesh.AgreeAsync("select payload from shop.orders where id = 3020", "here");
        (await RestoreAsync(id, new { version = "both" })).ExpectProblem(400, "must be one of local, remote");
    }

    private Task<Answer> DecideAsync(long id, object body) => Api.PostAsync($"/v1/arbiter/conflicts/{id}/resolution", body);

    private Task<Answer> RestoreAsync(long id, object body) => Api.PostAsync($"/v1/arbiter/conflicts/{id}/restoration", body);
}
