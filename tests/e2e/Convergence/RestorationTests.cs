using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Convergence;

/// <summary>
/// Rows of tables that differ between nodes, or do not let everything be written, are brought to the version that wins:
/// partitions, identity columns, other orders of columns, generated ones, a second unique key. What lost is in the API
/// and in the live feed of the node that saw it.
/// </summary>
public sealed class RestorationTests
{
    private static readonly string[] Tables = ["rs_part", "rs_identity", "rs_order", "rs_unique"];

    private static readonly string[] Orders =
    [
        "id int primary key, a text, b int",
        "b int, id int primary key, a text",
        "a text, b int, id int primary key",
    ];

    [Theory]
    [Trait("Tier", "turn")]
    [InlineData(16, 18, 17)]
    public async Task Rows_OfTablesThatAreNotAlike_AreBroughtToTheVersionThatWins(params int[] majors)
    {
        await using var mesh = await TestMesh.StartFullAsync(majors);
        foreach (var node in mesh.Nodes)
            await node.ExecuteAsync(
                $"""
                create table rs_part (id int, a text, b int, primary key (id)) partition by range (id);
                create table rs_part_low partition of rs_part for values from (0) to (100);
                create table rs_part_high partition of rs_part for values from (100) to (1000);
                create table rs_identity (
                    id int generated always as identity primary key, a text, b int, twice int generated always as (b * 2) stored);
                create table rs_order ({Orders[node.Id]});
                create table rs_unique (id int primary key, a text unique, b int);
                """
            );
        foreach (var node in mesh.Nodes)
        foreach (var table in Tables)
            await node.StageAsync($"public.{table}");
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
        foreach (var table in Tables)
            await mesh[0]
                .ExecuteAsync(
                    $"insert into {table} (id, a, b) {(table == "rs_identity" ? "overriding system value" : "")} select i, "
                        + $"'first ' || i, i from generate_series(1, 6) i"
                );
        await EqualAsync(mesh);

        // As far apart as continents, and then cut.
        foreach (var from in mesh.Nodes)
        foreach (var to in mesh.Nodes.Where(to => to != from))
            mesh.Link(from.Id, to.Id).Delay = TimeSpan.FromMilliseconds(250);
        Split.CutAll(mesh);
        foreach (var table in Tables)
        {
            foreach (var node in mesh.Nodes)
                await node.ExecuteAsync($"update {table} set a = 'node {node.Id} of 1', b = 10 + {node.Id} where id = 1");
            await mesh[0].ExecuteAsync($"delete from {table} where id in (2, 3)");
            await mesh[2].ExecuteAsync($"update {table} set a = 'back' where id = 2");
            await mesh[1].ExecuteAsync($"update {table} set a = 'gone' where id = 4");
            await mesh[2].ExecuteAsync($"delete from {table} where id = 4");
        }

        await mesh[1].ExecuteAsync("update rs_part set id = 500 where id = 5");
        await mesh[2].ExecuteAsync("update rs_part set a = 'stays where it was' where id = 5");
        // Row 5 takes the value that row 6 gives up elsewhere; row 3's is given anew.
        await mesh[1].ExecuteAsync("update rs_unique set a = 'given up' where id = 6; update rs_unique set a = 'first 6' where id = 5");
        await mesh[0].ExecuteAsync("update rs_unique set b = 66 where id = 6");
        await mesh[0].ExecuteAsync("insert into rs_unique values (7, 'first 3', 7)");
        Split.HealAll(mesh);

        await EqualAsync(mesh);
        await mesh.RestAsync();
        await EqualAsync(mesh);
        Assert.Equal(
            "1:node 2 of 1 2:back 5:first 5 6:first 6",
            await mesh[1].TextAsync("select string_agg(id || ':' || a, ' ' order by id) from rs_identity")
        );
        Assert.Equal("1:12:24", await mesh[0].TextAsync("select id || ':' || b || ':' || twice from rs_identity where id = 1"));
        Assert.Equal("2:back", await mesh[0].TextAsync("select id || ':' || a from rs_order where id = 2"));
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");

        var entry = (await mesh[0].Api.GetAsync("/v1/arbiter/resolution/history?relation=public.rs_order")).Expect(200).Json["resolutions"]!
            .AsArray()
            .First(conflict =>
                (string?)conflict!["resolved_by"] == "convergence" && (string?)conflict["local_row"]?["a"] == "node 0 of 1"
            )!;
        Assert.Equal(
            ("update_origin_differs", "apply_remote", "public.rs_order"),
            ((string?)entry["conflict_type"], (string?)entry["resolution"], (string?)entry["relation"])
        );
        var told = (await mesh[0].Api.GetAsync($"/v1/arbiter/conflicts/{entry["id"]}")).Expect(200).Json;
        Assert.Equal("resolved", (string?)told["conflict"]!["state"]);
    }

    [Fact]
    public async Task WhatLost_IsInTheLiveFeed()
    {
        await using var mesh = await TestMesh.StartFullAsync(18, 18);
        await mesh.ReplicateAsync("public.item", "create table item (id int primary key, name text)");
        await mesh[0].ExecuteAsync("insert into item values (1, 'first')");
        await mesh.AgreeAsync("select count(*) from item", "1");
        await using var listener = await Conflicts.HubListener.StartAsync(mesh[1].Api.Address);
        await Eventually.TrueAsync("it is told of both nodes", () => listener.Positions.Count == 2);
        Split.Cut(mesh, 1);
        await mesh[0].ExecuteAsync("update item set name = 'early' where id = 1");
        await mesh[1].ExecuteAsync("update item set name = 'late' where id = 1");
        Split.Heal(mesh, 1);
        await Eventually.TrueAsync(
            "the hub of node 1 tells what node 0 lost",
            () =>
                listener.Conflicts.Values.Any(conflict =>
                    conflict.GetProperty("resolved_by").GetString() == "convergence" && conflict.GetProperty("node").GetInt32() == 0
                ),
            mesh.Diagnose
        );
        await mesh.AgreeAsync("select name from item", "late");
    }

    /// <summary>
    /// Without <c>track_commit_timestamp</c> silent conflicts stay; those that stop a subscription go by the nodes'
    /// priorities.
    /// </summary>
    [Fact]
    [Trait("Tier", "all")]
    public async Task WithoutCommitTimestamps_ConflictsThatStopAreHealedByPriorityAndNothingIsWatched()
    {
        await using var mesh = await TestMesh.StartAsync([17, 17], new Dictionary<string, string> { ["track_commit_timestamp"] = "off" });
        var findings = (await mesh[0].Api.GetAsync("/v1/arbiter/preflight")).Expect(200).Json["findings"]!.AsArray();
        Assert.Contains(findings, finding => (string?)finding!["check"] == "track_commit_timestamp");
        await mesh.ConnectAllAsync();
        await mesh.ReplicateAsync("public.item", "create table item (id int primary key, name text)");
        await mesh.AgreeAsync("select count(*) from pg_trigger where tgname like 'trktr_detect%'", "0");
        Split.Cut(mesh, 1);
        await mesh[1].ExecuteAsync("insert into item values (1, 'from 1'), (11, 'beside it')");
        await mesh[0].ExecuteAsync("insert into item values (1, 'from 0'), (10, 'beside it')");
        Split.Heal(mesh, 1);
        await mesh.AgreeAsync("select string_agg(id || ' ' || name, ', ' order by id) from item", "1 from 0, 10 beside it, 11 beside it");
        Assert.Equal("node_priority", await mesh[1].TextAsync("select policy from trktr.history"));
        await mesh.AgreeAsync("select count(*) from pg_subscription where not subenabled", "0");
    }

    private static async Task EqualAsync(TestMesh mesh)
    {
        foreach (var table in Tables)
            await Split.AwaitEqualAsync(mesh, $"(select id, a, b from {table})", TimeSpan.FromSeconds(60));
    }
}
