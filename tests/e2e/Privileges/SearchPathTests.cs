using System.Text.RegularExpressions;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Tiers;
using Traktor.Engine.Postgres;

namespace Traktor.E2ETests.Privileges;

/// <summary>
/// No session of the arbiter looks into a schema in which others may create: functions and operators there that fit its
/// statements better than PostgreSQL's own are never called.
/// </summary>
public sealed partial class SearchPathTests
{
    [Theory]
    [Trait("Tier", "turn")]
    [InTurn(15)]
    [InTurn(16)]
    [InTurn(17)]
    [InTurn(18)]
    public async Task Sessions_BetterMatchesWhereOthersMayCreate_AreNeverCalled(int major)
    {
        await using var mesh = await TestMesh.StartAsync(major, major);
        await mesh.EverywhereAsync(BetterMatches());
        foreach (var node in mesh.Nodes)
        {
            await node.Arbiter.TerminateAsync();
            await node.Arbiter.StartAsync();
        }

        await mesh.ConnectAllAsync();
        await mesh.ReplicateAsync("public.item", Plain("create table public.item (id integer primary key, code text unique, note text)"));
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync(Plain("insert into public.item select i, concat('c', i), 'one' from generate_series(1, 20) i"));
        await mesh[0].ExecuteAsync(Plain("insert into public.item select i, concat('c', i), 'zero' from generate_series(1, 20) i"));
        await mesh[0].ExecuteAsync(Plain("update public.item set note = 'later' where id = 3; delete from public.item where id = 4"));
        await mesh[1]
            .ExecuteAsync(Plain("update public.item set note = 'own' where id = 5; insert into public.item values (31, 'same', '')"));
        await mesh[0].ExecuteAsync(Plain("insert into public.item values (32, 'same', '')"));
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync(Plain("select count(*), count(*) filter (where note = 'zero'), max(id) from public.item"), "20|17|32");
        foreach (var node in mesh.Nodes)
        {
            foreach (
                var path in (string[])
                    [
                        "status",
                        "subscription",
                        "replicaset/status",
                        "conflicts",
                        "resolution/history",
                        "cluster",
                        "preflight",
                        "row/public.item?key=%7B%22id%22%3A1%7D",
                    ]
            )
                (await node.Api.GetAsync($"/v1/arbiter/{path}")).Expect(200);
            (await node.Api.DeleteAsync("/v1/arbiter/control")).Expect(200);
            Assert.Equal("", await node.TextAsync(Plain("select distinct what, who from public.called order by 1")));
            Assert.Equal("False", await node.TextAsync(Plain("select rolsuper from pg_roles where rolname = 'mallory'")));
        }
    }

    /// <summary>The case's own statements call PostgreSQL's functions and operators.</summary>
    private static string Plain(string sql) => $"set search_path = pg_catalog, pg_temp; {sql}";

    /// <summary>The script, for the functions that our statements name.</summary>
    private static string BetterMatches()
    {
        using var stream = typeof(SearchPathTests).Assembly.GetManifestResourceStream("BetterMatches.sql")!;
        using var reader = new StreamReader(stream);
        var used = typeof(SqlFile)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .SelectMany(name => FunctionPattern().Matches(SqlFile.Read(name)))
            .Select(match => match.Groups[1].Value);
        // Those of statements that are made in C#.
        string[] made = ["age", "concat", "concat_ws", "count", "current_setting", "format", "set_config", "left", "hashtextextended"];
        var names = used.Concat(made).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return reader
            .ReadToEnd()
            .Replace("{{names}}", $"array[{string.Join(", ", names.Select(name => $"'{name}'"))}]", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\b([a-z_0-9]+)\(")]
    private static partial Regex FunctionPattern();
}
