using System.Globalization;
using System.Text.Json.Nodes;
using Traktor.E2ETests.Mesh;
using Traktor.E2ETests.Sandbox;

namespace Traktor.E2ETests.Comparisons;

/// <summary>Comparisons on a mesh, and differences that are planted behind replication's back.</summary>
internal static class ComparedMesh
{
    /// <summary>Stages several tables on every node, and commits them.</summary>
    public static async Task ReplicateAllAsync(this TestMesh mesh, params string[] tables)
    {
        await Task.WhenAll(
            mesh.Nodes.Select(async node =>
            {
                foreach (var table in tables)
                    await node.StageAsync(table);
            })
        );
        foreach (var node in mesh.Nodes)
            await node.CommitAsync();
    }

    /// <summary>
    /// Changes rows on one node so that no other node hears of it, and its own triggers do not take it for a conflict.
    /// </summary>
    public static async Task PlantAsync(this MeshNode node, string sql)
    {
        await using var connection = await node.OpenAsync();
        await connection.ExecuteAsync(
            "do $$ begin perform pg_replication_origin_create('planted'); exception when duplicate_object then null; end $$"
        );
        await connection.ExecuteAsync(
            "select pg_replication_origin_session_setup('planted'); set session_replication_role = replica; set trktr.restoring = on; "
                + sql
        );
    }

    /// <summary>Starts a comparison on a node and returns its number.</summary>
    public static async Task<long> CompareAsync(this MeshNode node, object? body = null)
    {
        var answer = (await node.Api.PostAsync("/v1/arbiter/comparisons", body ?? new { tables = "all", nodes = "all" })).Expect(202);
        return (long)answer.Json["task"]!["id"]!;
    }

    /// <summary>Waits for the end of a comparison, which must succeed, and returns it.</summary>
    public static async Task<JsonNode> ComparedAsync(this MeshNode node, long id)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/tasks/{id}?wait=90");
        JsonNode report;
        var waits = 0;
        // Where rows are written all the time it takes several rounds.
        do report = (await node.Api.GetAsync(path)).Expect(200).Json;
        while ((string?)report["task"]!["state"] == "running" && ++waits < 4);
        Assert.True((string?)report["task"]!["state"] == "succeeded", $"{report}\n{node.Diagnose()}");
        var comparison = (await node.Api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/comparisons/{id}")))
            .Expect(200)
            .Json;
        Assert.Equal("", string.Concat(comparison["tables"]!.AsArray().Select(table => (string?)table!["problem"])));
        return comparison;
    }

    /// <summary>A table as a comparison has it.</summary>
    public static JsonNode Table(this JsonNode comparison, string relation) =>
        comparison["tables"]!.AsArray().Single(table => (string?)table!["relation"] == relation)!;

    /// <summary>The keys that a comparison found to differ, in pages.</summary>
    public static async Task<IReadOnlyList<JsonNode>> DifferencesAsync(this MeshNode node, long id, string? table = null, int limit = 100)
    {
        var all = new List<JsonNode>();
        var after = 0L;
        while (true)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/v1/arbiter/comparisons/{id}/differences?limit={limit}&after={after}");
            if (table is not null)
                path += $"&table={Uri.EscapeDataString(table)}";
            var page = (await node.Api.GetAsync(path)).Expect(200).Json;
            all.AddRange(page["differences"]!.AsArray().Select(difference => difference!));
            if (page["next"] is not { } next)
                return all;
            after = (long)next;
        }
    }
}
