using Npgsql;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.ConnectionStrings;
using Traktor.Sandbox;

namespace Traktor.E2ETests.Stories;

/// <summary>Rows that come from a server outside of the mesh are named, and there is a way for them.</summary>
public sealed class S38_OutsideServer
{
    private const string Table = "public.orders";

    [Fact]
    public async Task Subscription_OfAnotherTool_IsNamedBeforeAndAfterTheOpening_AndItsRowsCanBeMoved()
    {
        await using var mesh = await TestMesh.StartFullAsync(Tier.Major, Tier.Major);
        var (node, outside) = (mesh[0], mesh[1].Server);
        await mesh.EverywhereAsync("create table orders (id int primary key, note text)");
        await mesh[1].ExecuteAsync("create database legacy");
        await node.ExecuteAsync("create database landing");
        await using var legacy = await OpenAsync(outside, "legacy");
        await legacy.ExecuteAsync(
            "create table orders (id int primary key, note text); insert into orders values (1, 'old'), (2, 'old'); "
                + "create publication everything for table orders"
        );
        var subscription = $"create subscription legacy connection '{outside.Conninfo("legacy")}' publication everything";
        await node.ExecuteAsync(subscription);
        foreach (var one in mesh.Nodes)
            await one.StageAsync(Table);
        Assert.Equal(["other_subscription"], await FindingsAsync(node));
        Assert.Empty(await FindingsAsync(mesh[1]));
        await node.AwaitTextAsync("select count(*) from orders", "2");

        await node.ExecuteAsync("drop subscription legacy");
        await node.ExecuteAsync("truncate orders");
        foreach (var one in mesh.Nodes)
            await one.CommitAsync();
        Assert.Empty(await FindingsAsync(node));
        await node.ExecuteAsync(subscription);
        Assert.Equal(["other_subscription"], await FindingsAsync(node));
        await node.AwaitTextAsync("select count(*) from orders", "2");
        await node.ExecuteAsync("drop subscription legacy");
        await node.ExecuteAsync("truncate orders");

        // The way that docs/operations.md describes.
        await using var landing = await OpenAsync(node.Server, "landing");
        await landing.ExecuteAsync("create table orders (id int primary key, note text)");
        await landing.ExecuteAsync(subscription);
        await MoveAsync(mesh, "old");
        await legacy.ExecuteAsync("update orders set note = 'new'; insert into orders values (3, 'new')");
        await MoveAsync(mesh, "new");
        await mesh[1].AwaitTextAsync("select count(*), min(note) from orders", "3|new");
        await landing.ExecuteAsync("drop subscription legacy");
        await landing.CloseAsync();
        await legacy.CloseAsync();
        await node.ExecuteAsync("drop database landing");
        await mesh[1].ExecuteAsync("drop database legacy");
    }

    private static async Task<IEnumerable<string>> FindingsAsync(MeshNode node) =>
        (await node.TableAsync(Table))!["findings"]!.AsArray().Select(finding => (string)finding!["check"]!);

    private static async Task<NpgsqlConnection> OpenAsync(IPostgresServer server, string database)
    {
        var settings = Conninfo.Parse(server.Conninfo(database)).ToNpgsql();
        settings.Pooling = false;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task MoveAsync(TestMesh mesh, string note)
    {
        await using var landing = await OpenAsync(mesh[0].Server, "landing");
        await Eventually.TrueAsync(
            "the rows have landed",
            async () => await landing.ScalarAsync<bool>($"select coalesce(bool_and(note = '{note}'), false) from orders")
        );
        await using var shop = await mesh[0].OpenAsync();
        await shop.ExecuteAsync("begin; create temporary table incoming (like orders)");
        using (var source = await landing.BeginTextExportAsync("copy orders to stdout"))
        await using (var target = await shop.BeginTextImportAsync("copy incoming from stdin"))
            await target.WriteAsync(await source.ReadToEndAsync());
        await shop.ExecuteAsync(
            "insert into orders select * from incoming on conflict (id) do update set note = excluded.note "
                + "where orders.note is distinct from excluded.note; drop table incoming; commit"
        );
    }
}
