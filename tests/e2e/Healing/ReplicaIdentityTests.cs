using System.Text.RegularExpressions;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;

namespace Traktor.E2ETests.Healing;

/// <summary>A replica identity that is another on one of the nodes.</summary>
public sealed partial class ReplicaIdentityTests
{
    [GeneratedRegex("ALTER TABLE [^;]*;")]
    private static partial Regex Statement { get; }

    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Identity_ThatDiffers_WorksOrIsNamedOnBothNodes(int major)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, k int not null unique, v text)");
        await mesh[0].ExecuteAsync("insert into item values (1, 10, 'first'), (2, 20, 'first'), (3, 30, 'first')");
        await mesh.AgreeAsync("select count(*) from item", "3");

        // The whole row beside a primary key: the key is in it. Changes of both arrive, and conflicts are decided.
        await mesh[1].ExecuteAsync("alter table item replica identity full");
        await mesh[1].ExecuteAsync("update item set v = 'by 1' where id = 1; delete from item where id = 3");
        await mesh[0].ExecuteAsync("update item set v = 'by 0' where id = 2");
        await mesh.AgreeAsync("select string_agg(format('%s:%s', id, v), ' ' order by id) from item", "1:by 1 2:by 0");
        Split.Cut(mesh, 1);
        await mesh[1]
            .ExecuteAsync(
                "insert into item values (4, 40, 'early'); update item set v = 'early' where id = 2; update item set id = 11 where id = 1"
            );
        await mesh[0].ExecuteAsync("insert into item values (4, 40, 'late'); update item set v = 'late' where id = 2");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select string_agg(format('%s:%s', id, v), ' ' order by id) from item", "2:late 4:late 11:by 1");
        await mesh.RestAsync();
        foreach (var node in mesh.Nodes)
            await node.AwaitStateAsync(1 - node.Id, "streaming");

        // Another key: neither finds its rows by what the other sends.
        await mesh[1].ExecuteAsync("alter table item replica identity using index item_k_key");
        await mesh[0].ExecuteAsync("update item set v = 'lost' where id = 2");
        await mesh[1].ExecuteAsync("update item set v = 'lost' where id = 4");
        var said = new string[2];
        foreach (var node in mesh.Nodes)
            await Eventually.TrueAsync(
                $"node {node.Id} is stopped and says why",
                async () =>
                    await node.SubscriptionAsync(1 - node.Id) is { } subscription
                    && (string?)subscription["state"] == "stopped"
                    && (said[node.Id] = (string?)subscription["last_error"] ?? "").Contains("REPLICA IDENTITY", StringComparison.Ordinal),
                () => $"{said[node.Id]}\n{mesh.Diagnose()}"
            );
        Assert.Contains("The peer's replica identity is (k).", said[0], StringComparison.Ordinal);
        Assert.Contains("The peer's replica identity is (id).", said[1], StringComparison.Ordinal);
        // Each applies what was sent already; then both have the same again.
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync(Statement.Match(said[node.Id]).Value);
        await mesh.AgreeAsync("select string_agg(format('%s:%s', id, v), ' ' order by id) from item", "2:lost 4:lost 11:by 1");
        await mesh.EverywhereAsync("alter table item replica identity default");
        await mesh[0].ExecuteAsync("update item set v = 'new' where id = 2");
        await mesh[1].ExecuteAsync("update item set v = 'new' where id = 4");
        await mesh.AgreeAsync("select string_agg(format('%s:%s', id, v), ' ' order by id) from item", "2:new 4:new 11:by 1");
        foreach (var node in mesh.Nodes)
            await node.AwaitStateAsync(1 - node.Id, "streaming");
    }
}
