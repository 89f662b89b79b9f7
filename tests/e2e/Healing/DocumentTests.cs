using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// Documents of type json may hold what neither text nor jsonb takes: \u0000, half a surrogate pair, a number beyond
/// numeric. They are healed, converge, and are on record all the same.
/// </summary>
public sealed class DocumentTests
{
    private const string Zero = """{"a" : "\u0000\u0000 \\u0000 é", "b": "\uD83D\ude00 \udc00"}""";
    private const string Huge = """{"n": 1e400000}""";

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Documents_ThatJsonbDoesNotTake_AreHealedAndKept(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major, major);
        await mesh.ReplicateAsync(
            "public.item",
            "create table item (id int primary key, body json, parts json[], code text unique, v text)"
        );
        await mesh[0]
            .ExecuteAsync(
                $"insert into item select i, '{Zero}', array['{Zero}', '1']::json[], 'c' || i, 'old' from generate_series(20, 24) i"
            );
        await mesh.AgreeAsync("select count(*) from item", "5");
        Split.Cut(mesh, 1);

        // The same keys, the same unique value, one row changed and one deleted on both sides.
        await mesh[1]
            .ExecuteAsync(
                $"insert into item values (1, '{Zero}', array['{Zero}']::json[], 'a', 'early'), (2, '{Huge}', null, 'b', "
                    + $"'early'), (3, '{Zero}', null, 'd', 'early')"
            );
        await mesh[1]
            .ExecuteAsync(
                $"update item set v = 'early', body = '{Huge}' where id = 20; update item set v = 'early' where id in (21, 22); "
                    + $"delete from item where id = 23"
            );
        await mesh[0]
            .ExecuteAsync(
                $"insert into item values (1, '{Huge}', null, 'a', 'late'), (2, '{Zero}', array['{Huge}']::json[], 'b', "
                    + $"'late'), (4, '{Zero}', null, 'd', 'late')"
            );
        await mesh[0].ExecuteAsync("update item set v = 'late' where id in (20, 22, 23); delete from item where id = 21");
        Split.Heal(mesh, 1);

        await Split.AwaitEqualAsync(mesh, "item");
        await mesh.RestAsync();
        await Split.AwaitEqualAsync(mesh, "item");
        await mesh.AgreeAsync(
            "select string_agg(id::text || v, ' ' order by id) from item",
            "1late 2late 4late 20late 22late 23late 24old"
        );
        await mesh.AgreeAsync("select body from item where id = 2", Zero);
        await mesh.AgreeAsync("select body, parts[1] from item where id = 22", $"{Zero}|{Zero}");
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
        Assert.Equal(
            "early|late|True",
            await mesh[1]
                .TextAsync(
                    "select local_row ->> 'v', remote_row ->> 'v', substring(local_row -> 'body' ->> 'a', 1, 5) = chr(26) || "
                        + "'0000' from trktr.history where key ->> 'id' = '1'"
                )
        );
        Assert.Equal(Huge, await mesh[1].TextAsync("select remote_row ->> 'body' from trktr.history where key ->> 'id' = '1'"));
    }

    /// <summary>
    /// A row that was kept out by a unique key is on record as it was, so that it comes back as it was.
    /// </summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task Version_ThatLostByAUniqueKey_ComesBackWithItsDocuments()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync(
            "public.item",
            "create table item (id int primary key, body json, facts jsonb, numbers int[], code text unique)"
        );
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync($"insert into item values (3, '{Zero}', '{{\"k\": [1, null]}}', array[1, null], 'd')");
        await mesh[0].ExecuteAsync("insert into item values (4, '1', '2', null, 'd')");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select string_agg(id::text, ' ') from item", "4");
        await mesh[0]
            .AwaitTextAsync(
                "select remote_row -> 'id', remote_row -> 'facts' -> 'k' ->> 0, resolution from trktr.history where "
                    + "conflict_type = 'insert_exists'",
                "3|1|keep_local"
            );

        await mesh[0].ExecuteAsync("update item set code = 'e' where id = 4");
        var id = await mesh[0].ScalarAsync<long>("select id from trktr.history where conflict_type = 'insert_exists'");
        (await mesh[0].Api.PostAsync($"/v1/arbiter/conflicts/{id}/restoration", new { version = "remote", by = "test" })).Expect(200);
        await mesh.AgreeAsync(
            "select body, facts, numbers::text, code from item where id = 3",
            Zero.Replace("\"a\" :", "\"a\":", StringComparison.Ordinal) + "|{\"k\": [1, null]}|{1,NULL}|d"
        );
    }
}
