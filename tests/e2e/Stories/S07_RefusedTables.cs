using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Stories;

/// <summary>
/// What cannot be replicated is refused when it is staged, with the reason and, where there is one, the statement that
/// mends it.
/// </summary>
public sealed class S07_RefusedTables(Beginners beginners) : IClassFixture<Beginners>, IAsyncLifetime
{
    private readonly MeshNode node = beginners.Mesh[0];

    public async Task InitializeAsync() => Assert.Contains((await node.Api.PutAsync("/v1/arbiter/control")).Code, new[] { 200, 201 });

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("no_key", "create table no_key (id int, v text)", "no primary key")]
    [InlineData("No \"Key\"", "create table \"No \"\"Key\"\"\" (\"The Id\" int, v text)", "no primary key")]
    [InlineData(
        "candidate",
        "create table candidate (id int not null, v text); create unique index \"Its Key\" on candidate (id)",
        "no primary key"
    )]
    [InlineData("unlogged", "create unlogged table unlogged (id int primary key)", "unlogged")]
    [InlineData("deferred", "create table deferred (id int primary key deferrable)", "deferrable")]
    [InlineData("deferred_unique", "create table deferred_unique (id int primary key, n int unique deferrable)", "is deferrable")]
    [InlineData(
        "deferred_range",
        "create table deferred_range (id int primary key, r int4range, exclude using gist (r with &&) deferrable initially deferred)",
        "is deferrable"
    )]
    [InlineData(
        "deferred_part",
        "create table deferred_part (id int primary key, n int) partition by range (id); create table deferred_part_1 partition of "
            + "deferred_part for values from (0) to (10); alter table deferred_part_1 add unique (n) include (id) deferrable",
        "is deferrable"
    )]
    [InlineData(
        "deferred_identity",
        "create table deferred_identity (id int primary key deferrable, k int not null default 1 unique); alter table "
            + "deferred_identity replica identity using index deferred_identity_k_key",
        "is deferrable"
    )]
    [InlineData("nothing", "create table nothing (id int primary key); alter table nothing replica identity nothing", "NOTHING")]
    [InlineData("whole", "create table whole (id int, v text); alter table whole replica identity full", "whole row")]
    [InlineData(
        "lost_index",
        "create table lost_index (id int primary key, k int not null default 1 unique); alter table lost_index replica "
            + "identity using index lost_index_k_key; alter table lost_index drop constraint lost_index_k_key",
        "no longer exists"
    )]
    public async Task Stage_ATableThatCanBeMended_IsRefusedUntilItsStatementWasRun(string name, string create, string reason)
    {
        await node.ExecuteAsync(create);
        var table = $"public.\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var refusal = (await node.StageAsync(table, expect: 409)).ExpectProblem(409, reason);
        Assert.Null(await node.TableAsync($"public.{name}"));

        for (var statements = 0; refusal.Code == 409; statements++)
        {
            Assert.InRange(statements, 0, 2);
            await node.ExecuteAsync((string)refusal.Json["hint"]!);
            refusal = await node.Api.PutAsync($"/v1/arbiter/replicaset/{Uri.EscapeDataString(table)}");
        }

        refusal.Expect(201);
        await node.CommitAsync();
        await node.ExecuteAsync($"insert into {table} values (1); delete from {table}");
        await node.UnstageAsync(table);
        await node.CommitAsync();
    }

    [Theory]
    [InlineData("a_view", "create view a_view as select 1 as id", "view")]
    [InlineData("a_matview", "create materialized view a_matview as select 1 as id", "materialised view")]
    [InlineData("a_sequence", "create sequence a_sequence", "sequence")]
    [InlineData("a_foreign", "create foreign table a_foreign (id int) server nowhere", "foreign table")]
    [InlineData(
        "parted",
        "create table parted (id int not null) partition by list (id); create foreign table parted_1 partition of parted for "
            + "values in (1) server nowhere",
        "foreign or unlogged"
    )]
    public async Task Stage_WhatIsNoTableOfItsOwn_IsRefused(string name, string create, string reason)
    {
        await node.ExecuteAsync(
            "drop foreign data wrapper if exists absent cascade; create foreign data wrapper absent; create server nowhere "
                + "foreign data wrapper absent"
        );
        await node.ExecuteAsync(create);
        (await node.StageAsync($"public.{name}", expect: 409)).ExpectProblem(409, reason);
    }

    [Fact]
    public async Task Stage_ATemporaryTable_IsRefused()
    {
        await using var session = await node.OpenAsync();
        await using var create = new Npgsql.NpgsqlCommand(
            "create temp table passing (id int primary key); select nspname from pg_namespace where oid = pg_my_temp_schema()",
            session
        );
        var schema = (string?)await create.ExecuteScalarAsync();
        (await node.StageAsync($"{schema}.passing", expect: 409)).ExpectProblem(409, "temporary");
    }

    [Theory]
    [InlineData("pg_catalog.pg_class")]
    [InlineData("trktr.node")]
    [InlineData("information_schema.sql_features")]
    public async Task Stage_ASystemTableOrOurs_IsRefused(string table) =>
        (await node.StageAsync(table, expect: 409)).ExpectProblem(409, "belongs to");

    [Fact]
    public async Task Stage_ATableThatIsNotThere_IsNotFound() =>
        (await node.StageAsync("public.nowhere", expect: 404)).ExpectProblem(404, "public.nowhere");
}
