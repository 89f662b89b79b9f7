using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Conflicts;

/// <summary>The history and the list of conflicts over REST, on real rows.</summary>
public sealed class ConflictListTests(ConflictMesh conflicts) : IClassFixture<ConflictMesh>
{
    private RestApi Api => conflicts.Mesh[0].Api;

    [Fact]
    public async Task List_ManyConflicts_IsPagedNewestFirstWithoutHoleOrRepeat()
    {
        await conflicts.ForgetAsync();
        for (var key = 1; key <= 7; key++)
            await conflicts.WaitingAsync(0, key);

        var seen = new List<long>();
        long? before = null;
        var pages = 0;
        do
        {
            var page = (await Api.GetAsync($"/v1/arbiter/conflicts?state=pending&limit=3{(before is null ? "" : $"&before={before}")}"))
                .Expect(200)
                .Json;
            seen.AddRange(page["conflicts"]!.AsArray().Select(entry => (long)entry!["id"]!));
            before = (long?)page["next"];
            pages++;
        } while (before is not null);

        Assert.Equal(3, pages);
        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(seen.OrderDescending(), seen);
    }

    [Fact]
    public async Task List_Filters_SelectWhatTheySay()
    {
        await conflicts.ForgetAsync();
        var first = await conflicts.WaitingAsync(0, 1);
        var second = await conflicts.WaitingAsync(0, 2, type: "update_exists");
        await conflicts
            .Mesh[0]
            .ExecuteAsync(
                $"update trktr.history set relation = 'shop.\"Other Table\"', occurred = '2020-01-01 00:00Z' where id = {second}"
            );
        await conflicts.ResolveAsync(0, second);

        await ExpectAsync("state=pending", first);
        await ExpectAsync("state=resolved", second);
        await ExpectAsync("state=all", second, first);
        await ExpectAsync("", second, first);
        await ExpectAsync("relation=shop.orders", first);
        await ExpectAsync("relation=Shop.Orders", first);
        await ExpectAsync($"relation={Uri.EscapeDataString("shop.\"Other Table\"")}", second);
        await ExpectAsync("type=update_exists", second);
        await ExpectAsync("peer=1", second, first);
        await ExpectAsync("peer=2");
        await ExpectAsync("subscription=trktr_sub_0_1&type=insert_exists", first);
        await ExpectAsync("since=2021-01-01T00:00:00Z", first);
        await ExpectAsync("until=2021-01-01T00:00:00%2B02:00", second);
        await ExpectAsync($"key={Uri.EscapeDataString("{\"id\":  2}")}", second);
        await ExpectAsync($"key={Uri.EscapeDataString("{\"id\": \"2\"}")}", second);
        await conflicts.Mesh[0].ExecuteAsync($$"""update trktr.history set key = '{"id": "2"}' where id = {{first}}""");
        await ExpectAsync($"key={Uri.EscapeDataString("{\"id\": 2}")}", second, first);
    }

    [Fact]
    public async Task List_WrongParameters_Are400WithASentence()
    {
        foreach (
            var query in new[]
            {
                "state=open",
                "type=x",
                "limit=0",
                "limit=1001",
                "since=x",
                "key=1",
                "relation=orders",
                "peer=x",
                "before=x",
            }
        )
        {
            var answer = (await Api.GetAsync($"/v1/arbiter/conflicts?{query}")).Expect(400);
            Assert.Equal("application/problem+json", answer.ContentType);
            Assert.NotEqual("", (string?)answer.Json["detail"]);
        }
    }

    [Fact]
    public async Task History_Resolved_HasTheOldShapeAndMore()
    {
        await conflicts.ForgetAsync();
        var id = await conflicts.WaitingAsync(0, 5);
        await conflicts.WaitingAsync(0, 6);
        await conflicts.ResolveAsync(0, id);

        var page = (await Api.GetAsync("/v1/arbiter/resolution/history")).Expect(200).Json;

        Assert.Equal(0, (int?)page["node"]);
        var entry = Assert.Single(page["resolutions"]!.AsArray())!;
        Assert.Equal(
            ("0/5", "shop.orders", "trktr_sub_0_1"),
            ((string?)entry["lsn"], (string?)entry["relation"], (string?)entry["subscription"])
        );
        Assert.Equal("""{"id":5}""", Compact(entry["key"]));
        Assert.Equal("""{"id":5,"payload":"there"}""", Compact(entry["value"]));
        Assert.Equal("""{"id":5,"payload":"here"}""", Compact(entry["local_row"]));
        Assert.Equal("2026-11-23T12:00:01+00:00", (string?)entry["remote_stamp"]);
        foreach (
            var field in new[]
            {
                "occurred",
                "resolved",
                "sql_state_code",
                "reason",
                "resolution",
                "resolved_by",
                "conflict_type",
                "state",
                "decision",
                "remote_origin",
            }
        )
            Assert.True(entry.AsObject().ContainsKey(field), field);
        // The same for people with psql.
        Assert.Equal(
            "0/5|shop.orders|{\"id\": 5}|trktr_sub_0_1",
            await conflicts.Mesh[0].TextAsync("select lsn::text, relation, key::text, subscription from trktr.resolutions")
        );
        Assert.Equal("6", await conflicts.Mesh[0].TextAsync("select key->>'id' from trktr.conflicts"));
    }

    [Fact]
    public async Task Find_Conflict_BringsTheWholeTransaction()
    {
        await conflicts.ForgetAsync();
        var first = await conflicts.WaitingAsync(0, 1, lsn: "0/ABC");
        var second = await conflicts.WaitingAsync(0, 2, lsn: "0/ABC", ordinal: 4);
        await conflicts
            .Mesh[0]
            .ExecuteAsync(
                """
                insert into trktr.remote_transaction (subscription, lsn, xid, committed, change_count, changes, is_truncated)
                values ('trktr_sub_0_1', '0/ABC', 777, '2026-11-23 12:00:01Z', 5, '[{"ordinal": 1, "operation": "insert"}]', true)
                """
            );

        var found = (await Api.GetAsync($"/v1/arbiter/conflicts/{first}")).Expect(200).Json;

        Assert.Equal(first, (long?)found["conflict"]!["id"]);
        Assert.Equal(
            (777, 5, true, "0/ABC"),
            (
                (int?)found["transaction"]!["xid"],
                (int?)found["transaction"]!["change_count"],
                (bool?)found["transaction"]!["is_truncated"],
                (string?)found["transaction"]!["lsn"]
            )
        );
        Assert.Equal("""[{"ordinal":1,"operation":"insert"}]""", Compact(found["transaction"]!["changes"]));
        Assert.Equal($"[{second}]", Compact(found["undecided"]));
        (await Api.GetAsync("/v1/arbiter/conflicts/999999999")).Expect(404);
    }

    [Fact]
    public async Task List_DeeplyNestedColumn_IsAnswered()
    {
        await conflicts.ForgetAsync();
        var id = await conflicts.WaitingAsync(0, 9);
        await conflicts
            .Mesh[0]
            .ExecuteAsync(
                $"update trktr.history set local_row = jsonb_build_object('id', 9, 'doc', (repeat('[', 300) || repeat(']', "
                    + $"300))::jsonb) where id = {id}"
            );
        await ExpectAsync("state=pending", id);
        (await Api.GetAsync($"/v1/arbiter/conflicts/{id}")).Expect(200);
    }

    [Fact]
    public async Task Status_Conflicts_AreCountedAlsoWhenPurged()
    {
        await conflicts.ForgetAsync();
        var before = (long)(await Api.GetAsync("/v1/arbiter/status")).Json["conflicts_resolved"]!;
        var id = await conflicts.WaitingAsync(0, 1);
        await conflicts
            .Mesh[0]
            .ExecuteAsync(
                """
                insert into trktr.history (subscription, peer, lsn, ordinal, relation, conflict_type, resolution, resolved)
                select 'trktr_sub_0_1', 1, '1/0', n, 'shop.orders', 'insert_exists', 'apply_remote', now() from generate_series(1, 3000) n
                """
            );
        await StatusAsync(1, true, 3000);
        await conflicts.ResolveAsync(0, id);
        await StatusAsync(0, false, 3001);
        // As the purge does it, after the count has settled on a floor.
        await conflicts
            .Mesh[0]
            .ExecuteAsync(
                "with deleted as (delete from trktr.history where lsn = '1/0' returning 1) update trktr.history_purged set "
                    + "entries = entries + (select count(*) from deleted)"
            );
        await StatusAsync(0, false, 3001);

        async Task StatusAsync(int pending, bool isTainted, long resolved)
        {
            JsonNode? last = null;
            await Eventually.TrueAsync(
                $"{pending} conflicts wait and {resolved} more are resolved",
                async () =>
                {
                    last = (await Api.GetAsync("/v1/arbiter/status")).Json;
                    return (int?)last["conflicts_pending"] == pending
                        && (bool?)last["is_tainted"] == isTainted
                        && (long?)last["conflicts_resolved"] - before == resolved;
                },
                () => last!.ToJsonString()
            );
        }
    }

    private async Task ExpectAsync(string query, params long[] ids)
    {
        var text = (await Api.GetAsync($"/v1/arbiter/conflicts?{query}")).Expect(200).Text;
        var page = JsonNode.Parse(text, documentOptions: new() { MaxDepth = 1000 })!;
        Assert.Equal(ids, page["conflicts"]!.AsArray().Select(entry => (long)entry!["id"]!));
    }

    private static string Compact(JsonNode? node) => node!.ToJsonString();
}
