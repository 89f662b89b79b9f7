using Traktor.E2ETests.Detector;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Healing;

/// <summary>
/// A table whose rows are written on both sides of a cut link: first on node 1, then, later, on node 0.
/// </summary>
/// <param name="Name">Its name in schema public.</param>
/// <param name="Columns">What stands in the parentheses of CREATE TABLE.</param>
/// <param name="Early">Statements on node 1.</param>
/// <param name="Late">Statements on node 0, after those.</param>
/// <param name="Rows">What is in it on every node in the end; null when it is only to be equal.</param>
/// <param name="Before">Statements on node 0 before the link is cut.</param>
/// <param name="After">Statements on every node after the table was created.</param>
/// <param name="Types">The types of the conflicts on node 0 and on node 1; null when they do not matter.</param>
internal sealed record ContestedTable(
    string Name,
    string Columns,
    string Early,
    string Late,
    string? Rows = null,
    string? Before = null,
    string? After = null,
    (string On0, string On1)? Types = null
)
{
    public string Tail { get; init; } = "";

    /// <summary>Plays it through on two nodes, all tables at once, and checks each.</summary>
    public static async Task PlayAsync(int major, params ContestedTable[] tables)
    {
        await using var mesh = await TestMesh.StartFullAsync(major, major);
        foreach (var table in tables)
        {
            await mesh.EverywhereAsync($"create table public.{table.Name} ({table.Columns}) {table.Tail}; {table.After}");
            foreach (var node in mesh.Nodes)
                (await node.Api.PutAsync($"/v1/arbiter/replicaset/public.{table.Name}")).Expect(201);
        }

        foreach (var node in mesh.Nodes)
            (await node.Api.PatchAsync("/v1/arbiter/replicaset")).Expect(200);
        foreach (var table in tables.Where(table => table.Before is not null))
            await mesh[0].ExecuteAsync(table.Before!);
        foreach (var table in tables)
            await Split.AwaitEqualAsync(mesh, table.Name);
        // What was there before is known to everybody, and whatever follows is written in full knowledge of it.
        foreach (var table in tables.Where(table => table.Before is not null))
            await WatchedTable.AwaitStableAsync(mesh, table.Name);

        Split.Cut(mesh, 1);
        foreach (var table in tables)
            await mesh[1].ExecuteAsync(table.Early);
        foreach (var table in tables)
            await mesh[0].ExecuteAsync(table.Late);
        Split.Heal(mesh, 1);

        foreach (var table in tables)
        {
            await Split.AwaitEqualAsync(mesh, table.Name);
            if (table.Rows is not null)
                Assert.Equal(
                    (table.Name, table.Rows),
                    (table.Name, await mesh[0].TextAsync($"select string_agg(t::text, ' ' order by t::text) from {table.Name} t"))
                );
            if (table.Types is { } types)
            {
                // Equal as soon as the loser's node is healed; the winner's may be healing still.
                var seen = (On0: "", On1: "");
                await Eventually.TrueAsync(
                    $"conflicts of {table.Name} are recorded as {types}",
                    async () => (seen = (await TypesAsync(mesh[0], table), await TypesAsync(mesh[1], table))) == types,
                    () => $"{seen}\n{mesh.Diagnose()}"
                );
            }
        }

        await mesh.AgreeAsync("select count(*) from trktr.history where resolved is null", "0");
    }

    private static Task<string> TypesAsync(MeshNode node, ContestedTable table) =>
        node.TextAsync($"select string_agg(conflict_type, ' ' order by id) from trktr.history where relation = 'public.{table.Name}'");
}
