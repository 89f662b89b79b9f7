using Traktor.Engine;
using Traktor.Engine.Schema;

namespace Traktor.E2ETests.Schema;

/// <summary>From one release's schema to another's: what the installer makes of it.</summary>
public sealed class UpgradeTests(SchemaServers servers) : IClassFixture<SchemaServers>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Upgrade_ToTheNextRelease_IsAsIfMadeByIt(int major)
    {
        await using var upgraded = await servers.CreateAsync(major);
        await using var made = await servers.CreateAsync(major);
        Assert.True((await upgraded.Release(SchemaScripts.Release).InitializeAsync(Never)).Created);
        await made.Release(NextRelease.Scripts).InitializeAsync(Never);

        Assert.Equal(1, await upgraded.Release(NextRelease.Scripts).UpgradeAsync(Never));

        Assert.Equal(await made.CatalogAsync(), await upgraded.CatalogAsync());
        Assert.Equal("http://localhost/", await upgraded.ScalarAsync<string>("select notes from trktr.node"));
        Assert.Null(await upgraded.Release(NextRelease.Scripts).UpgradeAsync(Never));
    }

    [Fact]
    public async Task Upgrade_OneFunctionChanged_InstallsThatOneOnly()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);
        var image = NextRelease.Script("Schema/Functions/image.sql");
        const string Newest = "select path from trktr.schema_script order by installed_at desc limit 1";
        const string Oids =
            "select string_agg(p.oid::text || p.xmin::text, ' ' order by p.oid) from pg_proc p where pronamespace = "
            + "'trktr'::regnamespace and proname <> 'image'";
        var before = await node.ScalarAsync<string>(Oids);

        Assert.Equal(1, await node.Release(NextRelease.With(image with { Text = image.Text + "-- Changed.\n" })).UpgradeAsync(Never));

        Assert.Equal(image.Path, await node.ScalarAsync<string>(Newest));
        Assert.Equal(before, await node.ScalarAsync<string>(Oids));
        // The release before installs its own again: its functions are what its arbiter calls.
        Assert.Equal(1, await node.Release(SchemaScripts.Release).UpgradeAsync(Never));
        Assert.Equal(image.Hash, await node.ScalarAsync<string>($"select hash from trktr.schema_script where path = '{image.Path}'"));
    }

    [Fact]
    public async Task Upgrade_OlderReleaseOnANewerSchema_ChangesNothing()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(NextRelease.Scripts).InitializeAsync(Never);
        var before = await node.CatalogAsync();

        Assert.Null(await node.Release(SchemaScripts.Release).UpgradeAsync(Never));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => node.Release(SchemaScripts.Release).InitializeAsync(Never));

        Assert.Contains("newer release", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await node.CatalogAsync());
    }

    [Theory]
    [InlineData("Schema/Migrations/002_fail.sql", "-- A migration.\nselect 1;\n\nselect\n    nope;\n", 5)]
    [InlineData(
        "Schema/Functions/fail.sql",
        "-- A body.\ncreate or replace function trktr.fail() returns integer\n    language plpgsql\nas $$\nbegin\n    retrn 1;\nend\n$$;\n",
        6
    )]
    [InlineData("Schema/Grants/fail.sql", "-- No place.\nselect 1;\nselect 1 / (select 0);\n", 3)]
    public async Task Upgrade_AScriptFails_NamesFileAndLineAndChangesNothing(string path, string text, int line)
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);
        var before = await node.CatalogAsync();

        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            node.Release(NextRelease.With(NextRelease.Scripts, new SchemaScript(path, text))).UpgradeAsync(Never)
        );

        Assert.StartsWith($"{path}, line {line}: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await node.CatalogAsync());
    }

    [Fact]
    public async Task Upgrade_SomethingDependsOnARemovedFunction_IsRefusedByName()
    {
        await using var node = await servers.CreateAsync(18);
        await node.Release(SchemaScripts.Release).InitializeAsync(Never);
        await node.ExecuteAsync("create view public.mine as select trktr.unescape_json('') as value");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => node.Release(NextRelease.Scripts).UpgradeAsync(Never));

        Assert.StartsWith("Schema/Functions/unescape_json.sql, line 1: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_ObjectsOfOthersBeforeOurs_AreNotCalled()
    {
        await using var node = await servers.CreateAsync(18);
        await node.ExecuteAsync("create function public.format(text, integer, oid) returns text language sql return 'theirs'");

        await node.Release(SchemaScripts.Release).InitializeAsync(Never);

        Assert.StartsWith("trktr_as_7_", await node.ScalarAsync<string>("select trktr.origin_name(7)"), StringComparison.Ordinal);
    }
}
