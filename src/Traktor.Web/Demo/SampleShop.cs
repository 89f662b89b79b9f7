using System.Security.Cryptography;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Sandbox;

namespace Traktor.Web.Demo;

/// <summary>The sample schema that the demo replicates.</summary>
internal static class SampleShop
{
    /// <summary>Its tables as the replicaset names them.</summary>
    public static IReadOnlyList<string> Tables { get; } =
    ["shop.customer", "shop.product", "shop.purchase", "shop.purchase_line", "shop.PriceList"];

    private const string Arbiter = "traktor_arbiter";

    // Written on one node after the commit: the rows then appear on the others.
    private const string Goods = """
        INSERT INTO shop.product (sku, name, price) VALUES
            ('plough-2', 'Plough, two furrows', 1890.00), ('seed-rye', 'Rye seed, 25 kg', 31.50), ('boots-43', 'Rubber boots, 43', 42.00),
            ('rope-20', 'Rope, 20 m', 18.90), ('lamp-led', 'Work lamp', 64.00), ('milk-can', 'Milk can, 20 l', 87.00);
        INSERT INTO shop."PriceList" ("ValidFrom", sku, "Price") SELECT current_date, sku, price FROM shop.product;
        INSERT INTO shop.customer (name, city) VALUES ('First customer', 'Here');
        """;

    /// <summary>Creates the database and the schema on a server.</summary>
    public static async Task CreateAsync(IPostgresServer server, CancellationToken cancel)
    {
        await RunAsync(server.Conninfo(), $"CREATE DATABASE {Quote.Identifier(DemoNode.Database)}", cancel);
        await RunAsync(server.Conninfo(DemoNode.Database), Schema(), cancel);
    }

    /// <summary>
    /// Gives the arbiters a role that is no superuser; PostgreSQL 15 needs one. Returns how they reach the database.
    /// </summary>
    public static async Task<string> AdmitArbiterAsync(IPostgresServer server, CancellationToken cancel)
    {
        var superuser = server.Conninfo(DemoNode.Database);
        if (server.Major < 16)
            return superuser;
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await RunAsync(superuser, $"CREATE ROLE {Arbiter} PASSWORD {Quote.Literal(password)}", cancel);
        await RunAsync(superuser, GrantsScript.For(Arbiter, DemoNode.Database, []), cancel);
        return server.Conninfo(DemoNode.Database, Arbiter, password);
    }

    /// <summary>Writes the goods on one node; replication takes them to the others.</summary>
    public static Task StockAsync(DemoNode node, CancellationToken cancel) => RunAsync(node.Conninfo, Goods, cancel);

    private static async Task RunAsync(string conninfo, string sql, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(Conninfo.Parse(conninfo).ToNpgsql().ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static string Schema()
    {
        using var stream = typeof(SampleShop).Assembly.GetManifestResourceStream("Demo/shop.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
