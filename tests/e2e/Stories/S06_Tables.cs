using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// Tables with whatever names and shapes: staged, cancelled, dropped meanwhile, created again, partitioned.
/// </summary>
public sealed class S06_Tables(Pair pair) : IClassFixture<Pair>
{
    private readonly TestMesh mesh = pair.Mesh;

    [Fact]
    public async Task Unstage_AStagedAdd_CancelsIt()
    {
        await mesh[0].ExecuteAsync("create table cancelled (id int primary key)");
        await mesh[0].StageAsync("public.cancelled");
        await mesh[0].StageAsync("public.cancelled", expect: 200);
        var answer = await mesh[0].UnstageAsync("public.cancelled");
        Assert.Null(answer.Json["status"]);
        Assert.Null(await mesh[0].TableAsync("public.cancelled"));
        await mesh[0].UnstageAsync("public.cancelled", expect: 404);
        await mesh[0].CommitAsync();
        Assert.Equal(0, await mesh[0].ScalarAsync<long>("select count(*) from pg_publication_tables where tablename = 'cancelled'"));
    }

    [Fact]
    public async Task Unstage_ACommittedTable_EndsWithTheNextCommitAndCanBeTakenBack()
    {
        await mesh.ReplicateAsync("public.leaving", "create table leaving (id int primary key)");
        Assert.Equal("pending-remove", (string?)(await mesh[0].UnstageAsync("public.leaving")).Json["status"]);
        await mesh[0].StageAsync("public.leaving");
        Assert.Equal("committed", (string?)(await mesh[0].TableAsync("public.leaving"))!["status"]);

        await mesh[0].UnstageAsync("public.leaving");
        var report = (await mesh[0].CommitAsync()).Json;
        Assert.Equal("public.leaving", (string?)report["removed"]![0]);
        Assert.Null(await mesh[0].TableAsync("public.leaving"));
        Assert.Equal(0, await mesh[0].ScalarAsync<long>("select count(*) from pg_publication_tables where tablename = 'leaving'"));
    }

    [Fact]
    public async Task Commit_WithAStagedTableThatWasDropped_OpensTheOthersAndSaysWhatIsWrong()
    {
        await mesh.EverywhereAsync("create table goes (id int primary key); create table stays (id int primary key)");
        await mesh[0].StageAsync("public.goes");
        await mesh[0].StageAsync("public.stays");
        await mesh.EverywhereAsync("drop table goes");

        var report = (await mesh[0].CommitAsync(202)).Json;
        Assert.Equal("public.stays", (string?)Assert.Single(report["opened"]!.AsArray()));
        var finding = (await mesh[0].TableAsync("public.goes"))!["findings"]![0]!;
        Assert.Contains("does not exist", (string?)finding["found"], StringComparison.Ordinal);
        await mesh[0].ExecuteAsync("insert into stays values (1)");
        await mesh[1].AwaitTextAsync("select id from stays", "1");

        await mesh[0].UnstageAsync("public.goes");
        await mesh[0].CommitAsync();
    }

    [Fact]
    public async Task Commit_OfATableThatWasDroppedAndCreatedAgain_OpensItAgain()
    {
        const string Create = "create table reborn (id int primary key)";
        await mesh.ReplicateAsync("public.reborn", Create);
        await mesh.EverywhereAsync("drop table reborn; " + Create);

        var table = (await mesh[0].TableAsync("public.reborn"))!;
        Assert.Equal("pending-add", (string?)table["status"]);
        Assert.Contains("PATCH", (string?)table["findings"]![0]!["hint"], StringComparison.Ordinal);
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        await mesh[0].ExecuteAsync("insert into reborn values (1)");
        await mesh[1].ExecuteAsync("insert into reborn values (2)");
        await mesh.AgreeAsync("select id from reborn order by 1", "1\n2");
    }

    [Fact]
    public async Task Replicate_TablesOfAnyName_RowsFlowBothWays()
    {
        string[] names =
        [
            "public.MixedCase",
            "\"my.schema\".plain",
            "public.\"with blank\"",
            "public.\"quo\"\"te\"",
            "public.\"sl/ash\"",
            "public.\"per%20cent\"",
            "public.\"a;drop table canary;--\"",
            "public.\"apo'strophe\"",
            "public.Grüße",
            "public.\"new\nline\"",
            "public.\"..\"",
            "public.\"select\"",
        ];
        await mesh.EverywhereAsync("create schema \"my.schema\"");
        foreach (var name in names)
            await mesh.EverywhereAsync($"create table {Sql(name)} (id int primary key)");
        foreach (var node in mesh.Nodes)
        foreach (var name in names)
            await node.StageAsync(name);
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();

        foreach (var name in names)
        {
            await mesh[0].ExecuteAsync($"insert into {Sql(name)} values (1)");
            await mesh[1].ExecuteAsync($"insert into {Sql(name)} values (2)");
        }

        foreach (var name in names)
            await mesh.AgreeAsync($"select id from {Sql(name)} order by 1", "1\n2");

        // The names that the status shows are accepted back.
        foreach (
            var shown in (await mesh[0].Api.GetAsync("/v1/arbiter/replicaset/status")).Json["replicaset"]!
                .AsArray()
                .Select(table => (string)table!["relation"]!)
        )
            await mesh[0].StageAsync(shown, expect: 200);
    }

    [Fact]
    public async Task Stage_ANameAsSqlFoldsIt_MeansTheFoldedTable()
    {
        await mesh[0].ExecuteAsync("create table Folded (id int primary key)");
        await mesh[0].StageAsync("Public.Folded");
        Assert.NotNull(await mesh[0].TableAsync("public.folded"));
        await mesh[0].UnstageAsync("PUBLIC.FOLDED");
    }

    [Fact]
    public async Task Replicate_PartitionedTables_RowsGoThroughTheRootWhereverTheyBelong()
    {
        const string Root = "create table measure (id int, at date, v text, primary key (id, at)) ";
        await mesh[0]
            .ExecuteAsync(
                Root
                    + "partition by range (at); create table m_old partition of measure for values from (minvalue) to "
                    + "('2026-01-01'); create table m_new partition of measure for values from ('2026-01-01') to (maxvalue)"
            );
        await mesh[1]
            .ExecuteAsync(
                Root
                    + "partition by hash (id); create table m_0 partition of measure for values with (modulus 2, remainder 0); "
                    + "create table m_1 partition of measure for values with (modulus 2, remainder 1)"
            );
        (await mesh[0].StageAsync("public.m_old", expect: 409)).ExpectProblem(409, "partition of public.measure");
        foreach (var node in mesh.Nodes)
            await node.StageAsync("public.measure");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();

        await mesh[0].ExecuteAsync("insert into measure select i, date '2025-12-28' + i, 'a' from generate_series(1, 8) i");
        await mesh[1].ExecuteAsync("insert into measure values (100, '2025-01-01', 'b')");
        await mesh.AgreeAsync("select count(*) from measure", "9");
        await mesh[0].ExecuteAsync("update measure set at = at + 400, v = 'moved' where id in (1, 100); delete from measure where id = 8");
        await mesh.AgreeAsync(
            "select id, at::text, v from measure where id in (1, 8, 100) order by 1",
            "1|2027-02-02|moved\n100|2026-02-05|moved"
        );
    }

    // The API keeps the case of an unquoted name, as people write it; SQL does not.
    private static string Sql(string name) =>
        string.Join(
            '.',
            name.Split('.', 2) is [var schema, var table] && !name.StartsWith('"') && !table.StartsWith('"')
                ? [schema, $"\"{table}\""]
                : [name]
        );
}
