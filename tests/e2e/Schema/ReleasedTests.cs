using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Schema;

/// <summary>
/// A database that an arbiter of each released version made, with rows in it, is brought up to this release, and on to
/// one that changes everything. The frozen copies lie in <c>Released</c>; <c>src/Traktor.Engine/Schema/README.md</c>
/// says how one is written.
/// </summary>
public sealed class ReleasedTests(SchemaServers servers) : IClassFixture<SchemaServers>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    public static TheoryData<int, string> Released
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (var file in Files)
            foreach (var major in (int[])[15, 16, 17, 18])
                data.Add(major, file);
            return data;
        }
    }

    private static IEnumerable<string> Files =>
        typeof(ReleasedTests)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("Released/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    [Fact]
    public void Files_HoldTheFirstRelease() => Assert.Contains("Released/0.1.sql", Files);

    [Theory]
    [MemberData(nameof(Released))]
    public async Task Upgrade_FromAReleasedState_IsAsIfMadeAnewAndKeepsItsRows(int major, string release)
    {
        await using var node = await servers.CreateAsync(major);
        await node.ExecuteAsync(Read(release));
        await node.ExecuteAsync(Read("Rows.sql"));
        var rows = await RowsAsync(node);
        if (release == "Released/0.1.sql")
            Assert.DoesNotContain("[]", rows.Values);
        await using var made = await servers.CreateAsync(major);
        await made.Release(SchemaScripts.Release).InitializeAsync(Never);

        await node.Release(SchemaScripts.Release).UpgradeAsync(Never);

        Assert.Equal(await made.CatalogAsync(), await node.CatalogAsync());
        Assert.Empty(await LostAsync(node, rows));

        await made.Release(NextRelease.Scripts).UpgradeAsync(Never);
        await node.Release(NextRelease.Scripts).UpgradeAsync(Never);
        Assert.Equal(await made.CatalogAsync(), await node.CatalogAsync());
        Assert.Empty(await LostAsync(node, rows));
    }

    private static string Read(string name)
    {
        using var stream = typeof(ReleasedTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The rows of each table of ours but the installer's own, as JSON.</summary>
    private static async Task<Dictionary<string, string>> RowsAsync(NodeDatabase node)
    {
        const string Tables =
            "select array_agg(relname::text) from pg_class where relnamespace = 'trktr'::regnamespace and relkind = 'r' and "
            + "relname <> 'schema_script'";
        var rows = new Dictionary<string, string>();
        foreach (var table in await node.ScalarAsync<string[]>(Tables) ?? [])
            rows[table] = await node.ScalarAsync<string>($"select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text from trktr.{table} t") ?? "";
        return rows;
    }

    /// <summary>The tables that lack a row, or a value of one; columns that came are no loss.</summary>
    private static async Task<IReadOnlyList<string>> LostAsync(NodeDatabase node, Dictionary<string, string> rows)
    {
        var lost = new List<string>();
        foreach (var (table, before) in rows.Where(table => table.Key != "identity"))
            if (
                await node.ScalarAsync<bool>(
                    $"select exists (select from jsonb_array_elements('{before.Replace("'", "''", StringComparison.Ordinal)}') o (row) "
                        + $"where not exists (select from trktr.{table} t where to_jsonb(t) @> o.row))"
                )
            )
                lost.Add(table);
        return lost;
    }
}
