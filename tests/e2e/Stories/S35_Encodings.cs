using Npgsql;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.ConnectionStrings;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Databases of other encodings than UTF8: they are nodes as any other, and a character that one of them lacks is
/// named.
/// </summary>
public sealed class S35_Encodings
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(16)]
    [InTurn(18)]
    public async Task Nodes_OfThreeEncodings_HealConflictsAndNameWhatOneCannotStore(int major)
    {
        await using var mesh = await TestMesh.StartAsync([major, major, major], new Dictionary<string, string>());
        await RecreateAsync(mesh[1], "LATIN1");
        await RecreateAsync(mesh[2], "SQL_ASCII");
        await mesh.ConnectAllAsync();
        foreach (var (node, said) in new[] { (0, "is UTF8"), (1, "LATIN1"), (2, "SQL_ASCII") })
            Assert.Contains(
                (await mesh[node].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray(),
                finding => (string?)finding!["check"] == "encoding" && ((string)finding["found"]!).Contains(said, StringComparison.Ordinal)
            );
        await mesh.ReplicateAsync("public.item", "create table public.item (id int primary key, v text)");

        Split.CutAll(mesh);
        await mesh[1].ExecuteAsync("insert into item values (1, 'fr\u00fch')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'sp\u00e4t')");
        Split.HealAll(mesh);
        await Split.AwaitEqualAsync(mesh, "(select id, length(v) from item)", null, 0, 1);
        await mesh[1].AwaitTextAsync("select v from item", "sp\u00e4t");

        // The worker stops, and so would the heal, which could not even record the row.
        await mesh[0].ExecuteAsync("insert into item values (2, '5 \u20ac')");
        await Eventually.TrueAsync(
            "node 1 names the character",
            async () =>
                await mesh[1].SubscriptionAsync(0) is { } subscription
                && (string?)subscription["state"] == "stopped"
                && (string?)subscription["last_error"] is { } error
                && error.Contains(
                    "Column v of the row with id = 2 has the character U+20AC, which encoding LATIN1",
                    StringComparison.Ordinal
                ),
            mesh.Diagnose
        );
        Assert.Equal(
            "apply_error|22P05|{\"v\": \"5 U+20AC\", \"id\": \"2\"}",
            await mesh[1].TextAsync("select conflict_type, sql_state_code, remote_row from trktr.history where resolved is null")
        );

        // Bytes that are no characters.
        await mesh[2].ExecuteAsync("insert into item values (3, convert_from('\\xfc', 'SQL_ASCII'))");
        await Eventually.TrueAsync(
            "node 0 says what node 2 cannot send",
            async () =>
                await mesh[0].SubscriptionAsync(2) is { } subscription
                && (string?)subscription["state"] == "stopped"
                && ((string?)subscription["last_error"])?.Contains(
                    "Node 2 cannot send its changes: invalid byte sequence",
                    StringComparison.Ordinal
                ) == true,
            mesh.Diagnose
        );
    }

    private static async Task RecreateAsync(MeshNode node, string encoding)
    {
        await node.Arbiter.KillAsync();
        NpgsqlConnection.ClearAllPools();
        var settings = Conninfo.Parse(node.Server.Conninfo("postgres")).ToNpgsql();
        settings.Pooling = false;
        await using (var connection = new NpgsqlConnection(settings.ConnectionString))
        {
            await connection.OpenAsync();
            await connection.ExecuteAsync($"drop database {TestMesh.Database} with (force)");
            await connection.ExecuteAsync($"create database {TestMesh.Database} encoding '{encoding}' locale 'C' template template0");
        }

        await node.Arbiter.StartAsync();
    }
}
