using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Comparisons;

/// <summary>A comparison finds every difference that is there, and no other.</summary>
public sealed class PlantedTests
{
    private const string Item = "public.item";

    [Theory]
    [InTurn(18, 18)]
    [TierAll(16, 17)]
    [TierAll(15, 18)]
    public async Task Comparison_OfATableWithDifferences_FindsEachAndNoOther(int here, int there)
    {
        await using var mesh = await TestMesh.StartFullAsync(here, there);
        await mesh.EverywhereAsync("create table item (id int primary key, name text, amount numeric, large text)");
        await mesh.ReplicateAllAsync(Item);
        await mesh[0].ExecuteAsync("insert into item select n, 'name ' || n, n / 4.0, null from generate_series(1, 12000) n");
        await mesh[1].ExecuteAsync("insert into item values (20000, 'large', 1, repeat('x', 200000)), (20001, 'nothing', 1, null)");
        await mesh.AgreeAsync("select count(*) from item", "12002");

        var id = await mesh[0].CompareAsync();
        var comparison = await mesh[0].ComparedAsync(id);
        Assert.Equal(
            (true, 12002, 0),
            ((bool)comparison.Table(Item)["is_proven"]!, (int)comparison.Table(Item)["rows"]!, Open(comparison))
        );
        Assert.Equal([0, 1], comparison["nodes"]!.AsArray().Select(node => (int)node!));
        Assert.Empty(await mesh[0].DifferencesAsync(id));
        var proof = (await mesh[0].TableAsync(Item))!["proof"]!;
        Assert.Equal((id, 12002), ((long)proof["comparison"]!, (int)proof["rows"]!));
        var provenAt = (string?)proof["proven_at"];

        // The first and the last key, bounds of ranges, a key that is missing, one that is not, beyond the last on both
        // nodes, NULL, a large value, and a number that only looks different. The sums of equal counts differ.
        await mesh[1]
            .PlantAsync(
                """
                update item set name = 'planted' where id in (1, 5000, 5001, 5002, 20001);
                update item set name = null where id = 7;
                update item set large = overlay(large placing 'y' from 150000) where id = 20000;
                update item set amount = 25.000 where id = 100;
                delete from item where id = 6000;
                insert into item values (6000000, 'beyond', 1, null), (0, 'before', 1, null), (15000, 'between', 1, null);
                """
            );
        await mesh[0].PlantAsync("insert into item values (7000000, 'beyond here', 1, null)");
        int[] planted = [0, 1, 7, 100, 5000, 5001, 5002, 6000, 15000, 20000, 20001, 6000000, 7000000];
        id = await mesh[0].CompareAsync(new { tables = new[] { Item }, nodes = new[] { 1, 0 } });
        comparison = await mesh[0].ComparedAsync(id);
        Assert.Equal(
            (false, planted.Length, 0),
            ((bool)comparison.Table(Item)["is_proven"]!, (int)comparison.Table(Item)["different"]!, Open(comparison))
        );
        var found = await mesh[0].DifferencesAsync(id, "PUBLIC.item", limit: 5);
        Assert.Equal(planted, found.Select(Key).Order());
        Assert.All(found, difference => Assert.False((bool)difference["is_changed"]!));
        Assert.All(found, difference => Assert.Equal("different", (string?)difference["verdict"]));
        AssertRows(found);
        Assert.Equal(provenAt, (string?)(await mesh[0].TableAsync(Item))!["proof"]!["proven_at"]);

        // The other node finds the same. What is mended is equal.
        Assert.Equal(planted.Length, (int)(await mesh[1].ComparedAsync(await mesh[1].CompareAsync())).Table(Item)["different"]!);
        await mesh[0].ExecuteAsync("update item set name = 'mended' where id = 1");
        await mesh.AgreeAsync("select name from item where id = 1", "mended");
        Assert.True((bool)(await mesh[0].DifferencesAsync(id)).Single(difference => Key(difference) == 1)["is_changed"]!);
        Assert.Equal(planted.Length - 1, (int)(await mesh[1].ComparedAsync(await mesh[1].CompareAsync())).Table(Item)["different"]!);
    }

    private static int Open(JsonNode comparison) => (int)comparison.Table(Item)["unchecked"]! + (int)comparison.Table(Item)["in_flight"]!;

    private static int Key(JsonNode difference) =>
        int.Parse((string)difference["key"]!["id"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static void AssertRows(IReadOnlyList<JsonNode> found)
    {
        var missing = found.Single(difference => Key(difference) == 6000)["rows"]!;
        Assert.Equal("name 6000", (string?)missing[0]!["row"]!["name"]);
        Assert.Equal((0, true), ((int)missing[0]!["origin"]!, (bool)missing[0]!["is_newest"]!));
        Assert.Null(missing[1]!["row"]);
        var none = found.Single(difference => Key(difference) == 7)["rows"]!;
        Assert.Equal("name 7", (string?)none[0]!["row"]!["name"]);
        Assert.Null(none[1]!["row"]!["name"]);
        Assert.False((bool)none[0]!["is_newest"]!);
        var number = found.Single(difference => Key(difference) == 100)["rows"]!;
        Assert.Equal("25.0000000000000000", (string?)number[0]!["row"]!["amount"]);
        Assert.Equal("25.000", (string?)number[1]!["row"]!["amount"]);
        Assert.Equal(2000, ((string)found.Single(difference => Key(difference) == 20000)["rows"]![1]!["row"]!["large"]!).Length);
    }
}
