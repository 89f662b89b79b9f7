using System.Text.Json.Nodes;
using Traktor.E2ETests.Healing;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Browser;

/// <summary>A mesh with a table of many types whose conflicts wait for a hand, and a way to make one.</summary>
internal static class CaseMesh
{
    public const string Table = "public.goods";

    private const string Create = """
        create type public.mood as enum ('sad', 'ok', 'happy');
        create table public.goods (
            id integer primary key,
            name text not null,
            quantity integer,
            price numeric(10, 2) check (price >= 0),
            is_sold boolean not null default false,
            made date,
            sent timestamptz,
            mood mood,
            facts jsonb,
            tags text[],
            note text,
            twice integer generated always as (quantity * 2) stored)
        """;

    /// <summary>All nodes connected, the table on all of them, decided by <paramref name="policy"/>.</summary>
    public static async Task<TestMesh> StartAsync(string policy, params int[] majors)
    {
        var mesh = await TestMesh.StartFullAsync(majors);
        try
        {
            await mesh.ReplicateAsync(Table, Create);
            await mesh.EverywhereAsync($"update trktr.replicaset set policy = '{policy}'");
            await mesh.AgreeAsync("select count(*) from trktr.node", $"{majors.Length}");
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Nodes 0 and 1 insert rows of the same keys, each in one transaction, while they cannot hear one another; then
    /// they can.
    /// </summary>
    public static async Task ContestAsync(TestMesh mesh, params int[] keys)
    {
        Split.Cut(mesh, 1);
        await mesh[0]
            .ExecuteAsync(
                string.Concat(
                    keys.Select(key =>
                        $"insert into goods (id, name, quantity, price, made, sent, mood, facts, tags, note) values ({key}, "
                        + $"'from 0', 10, 1.50, '2026-01-10', '2026-01-10 10:00Z', 'ok', '{{\"a\": 1}}', '{{red,blue}}', 'zero');"
                    )
                )
            );
        await mesh[1]
            .ExecuteAsync(
                string.Concat(
                    keys.Select(key =>
                        $"insert into goods (id, name, quantity, price, made, sent, mood, facts, tags) values ({key}, 'from 1', "
                        + $"11, 2.50, '2026-01-11', '2026-01-11 11:00:00.123456Z', 'sad', '{{\"b\": [2]}}', '{{green}}');"
                    )
                )
            );
        Split.Heal(mesh, 1);
    }

    /// <summary>Waits for a conflict of this key on a node and returns it.</summary>
    public static async Task<JsonNode> AwaitAsync(MeshNode node, int key, string state = "pending")
    {
        JsonNode? found = null;
        await Eventually.TrueAsync(
            $"a conflict of key {key} is {state} on node {node.Id}",
            async () =>
                (
                    found = (await node.Api.GetAsync($"/v1/arbiter/conflicts?state={state}")).Expect(200).Json["conflicts"]!
                        .AsArray()
                        .FirstOrDefault(conflict => $"{conflict!["key"]!["id"]}" == $"{key}")
                )
                    is not null,
            node.Diagnose
        );
        return found!;
    }
}
