using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// A commit opens a table for all peers from one row on; while one cannot take it, it is closed for all, says why, and
/// opens by itself.
/// </summary>
public sealed class S08_Commits(Trio trio) : IClassFixture<Trio>
{
    private readonly TestMesh mesh = trio.Mesh;

    [Fact]
    public async Task Commit_OfATableThatAPeerLacks_OpensForAllOnceItIsCreatedThere()
    {
        await mesh.ReplicateAsync("public.marker_1", "create table marker_1 (id int primary key)");
        await mesh[0].ExecuteAsync("create table lacking (id bigint primary key)");
        await mesh[1].ExecuteAsync("create table lacking (id bigint primary key)");
        await mesh[0].StageAsync("public.lacking");
        await using var writer = new RowWriter(mesh[0], "lacking");

        var waiting = Waiting(await mesh[0].CommitAsync(202), "public.lacking");
        Assert.Equal(2, (int)waiting["node"]!);
        Assert.Contains("does not exist", (string?)waiting["reason"], StringComparison.Ordinal);

        // Closed for all: a later row of another table overtakes everything written to this one.
        await Eventually.TrueAsync("rows are written", () => writer.Last > 20);
        await mesh[0].ExecuteAsync("insert into marker_1 values (1)");
        await mesh.AgreeAsync("select id from marker_1", "1");
        Assert.Equal(0, await mesh[1].ScalarAsync<long>("select count(*) from lacking"));

        await mesh[2].ExecuteAsync("create table lacking (id bigint primary key)");
        await mesh[0].AwaitTableAsync("public.lacking", "committed");
        var promised = writer.Last + 1;
        await Eventually.TrueAsync("more rows are written", () => writer.Last > promised + 50);
        var last = await writer.FinishAsync();
        var first = await RowWriter.GaplessStartAsync(mesh[1], "lacking", last);
        Assert.Equal(first, await RowWriter.GaplessStartAsync(mesh[2], "lacking", last));
        Assert.InRange(first, 2, promised);
    }

    [Theory]
    [InlineData(
        "missing_column",
        "id int primary key, v text",
        "id int primary key",
        "alter table missing_column add v text",
        "has no v text"
    )]
    [InlineData(
        "other_type",
        "id int primary key, v text",
        "id int primary key, v int",
        "alter table other_type alter v type text",
        "is integer on the subscriber"
    )]
    [InlineData(
        "not_null_only_there",
        "id int primary key, v text",
        "id int primary key, v text, extra int not null",
        "alter table not_null_only_there alter extra set default 0",
        "NOT NULL without a default"
    )]
    [InlineData(
        "other_key",
        "id int primary key, v text not null",
        "id int not null, v text primary key",
        "alter table other_key drop constraint other_key_pkey; alter table other_key add primary key (id)",
        "Keys differ"
    )]
    public async Task Commit_OfATableThatDiffersOnAPeer_OpensOnceItIsMended(
        string table,
        string here,
        string there,
        string hint,
        string reason
    )
    {
        await mesh[0].ExecuteAsync($"create table {table} ({here})");
        await mesh[1].ExecuteAsync($"create table {table} ({here})");
        await mesh[2].ExecuteAsync($"create table {table} ({there})");
        await mesh[0].StageAsync($"public.{table}");
        var waiting = Waiting(await mesh[0].CommitAsync(202), $"public.{table}");
        Assert.Equal(2, (int)waiting["node"]!);
        Assert.Contains(reason, (string?)waiting["reason"], StringComparison.Ordinal);

        await mesh[2].ExecuteAsync(hint);
        await mesh[0].AwaitTableAsync($"public.{table}", "committed");
        await mesh[0].ExecuteAsync($"insert into {table} values (1, 'x')");
        await mesh.AgreeAsync($"select id, v from {table}", "1|x");
    }

    [Fact]
    public async Task Commit_WhileAPeerIsPaused_OpensOnceItIsResumed()
    {
        await mesh.EverywhereAsync("create table sleeping (id int primary key)");
        (await mesh[2].Api.PostAsync("/v1/arbiter/subscription/0/pause")).Expect(200);
        await mesh[0].StageAsync("public.sleeping");
        var waiting = Waiting(await mesh[0].CommitAsync(202), "public.sleeping");
        Assert.Equal(2, (int)waiting["node"]!);
        Assert.Contains("paused", (string?)waiting["reason"], StringComparison.Ordinal);

        (await mesh[2].Api.PostAsync("/v1/arbiter/subscription/0/resume")).Expect(200);
        await mesh[0].AwaitTableAsync("public.sleeping", "committed");
        await mesh[0].ExecuteAsync("insert into sleeping values (1)");
        await mesh.AgreeAsync("select id from sleeping", "1");
    }

    [Fact]
    [Trait("Tier", "turn")]
    public async Task Commit_ByForce_OpensForThoseThatAreReadyAndNamesTheOthers()
    {
        await mesh.ReplicateAsync("public.marker_2", "create table marker_2 (id int primary key)");
        await mesh[0].ExecuteAsync("create table forced (id bigint primary key)");
        await mesh[1].ExecuteAsync("create table forced (id bigint primary key)");
        await mesh[0].StageAsync("public.forced");
        await mesh[0].CommitAsync(202);
        await mesh[0].CommitAsync(200, "?force=true");
        Assert.Equal(2, (int)Assert.Single((await mesh[0].TableAsync("public.forced"))!["needs_resync"]!.AsArray())!);

        await mesh[0].ExecuteAsync("insert into forced values (1)");
        await mesh[1].AwaitTextAsync("select id from forced", "1");
        await mesh[0].ExecuteAsync("insert into marker_2 values (1)");
        await mesh.AgreeAsync("select id from marker_2", "1");

        // The latecomer takes part from now on, without a further commit, and still lacks what was written before.
        await mesh[2].ExecuteAsync("create table forced (id bigint primary key)");
        await Eventually.TrueAsync(
            "nobody is waited for any more",
            async () => (await mesh[0].TableAsync("public.forced"))!["is_committing"] is { } committing && !(bool)committing,
            mesh.Diagnose
        );
        await mesh[0].ExecuteAsync("insert into forced select generate_series(2, 100)");
        await mesh[1].AwaitTextAsync("select count(*) from forced", "100");
        await mesh[2].AwaitTextAsync("select count(*), min(id) from forced", "99|2");
        Assert.Equal(2, (int)Assert.Single((await mesh[0].TableAsync("public.forced"))!["needs_resync"]!.AsArray())!);
    }

    private static JsonNode Waiting(Answer answer, string relation) =>
        Assert.Single(
            answer.Json["pending"]!.AsArray().First(table => (string?)table!["relation"] == relation)!["waiting_for"]!.AsArray()
        )!;
}
