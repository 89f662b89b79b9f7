using System.Diagnostics;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Healing;

/// <summary>Cuts a mesh apart and lets it come together again.</summary>
internal static class Split
{
    /// <summary>Cuts every link between two groups: the nodes named, and the others.</summary>
    public static void Cut(TestMesh mesh, params int[] alone) => Each(mesh, alone, (from, to) => mesh.Link(from, to).Cut());

    public static void Heal(TestMesh mesh, params int[] alone) => Each(mesh, alone, (from, to) => mesh.Link(from, to).Heal());

    /// <summary>Cuts every link: each node is alone.</summary>
    public static void CutAll(TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
            Cut(mesh, node.Id);
    }

    public static void HealAll(TestMesh mesh)
    {
        foreach (var node in mesh.Nodes)
            Heal(mesh, node.Id);
    }

    /// <summary>The rows of a table as one text, whole and in the order of the key.</summary>
    public static string Rows(string table) => $"select coalesce(string_agg(t::text, e'\\n' order by t::text), '') from {table} t";

    /// <summary>Waits until a table is the same on every node. Returns how long it took.</summary>
    public static async Task<TimeSpan> AwaitEqualAsync(TestMesh mesh, string table, TimeSpan? atMost = null, params int[] nodes)
    {
        var clock = Stopwatch.StartNew();
        var took = TimeSpan.Zero;
        while (true)
        {
            var texts = new List<string>();
            foreach (var node in nodes.Length == 0 ? mesh.Nodes : nodes.Select(id => mesh[id]))
                texts.Add(await node.TextAsync($"select count(*), sum(hashtextextended(t::text, 0)) from {table} t"));
            if (texts.Distinct(StringComparer.Ordinal).Count() == 1)
                return took;
            if (took > (atMost ?? TimeSpan.FromSeconds(30)))
                Assert.Fail(
                    $"{table} is not equal after {took}: "
                        + $"{string.Join(" / ", texts)}\n{await DifferencesAsync(mesh, table)}\n{mesh.Diagnose()}"
                );
            took = await Eventually.RestAsync(clock, took);
        }
    }

    /// <summary>Of each node some of the rows that are not the same everywhere, and what waits.</summary>
    private static async Task<string> DifferencesAsync(TestMesh mesh, string table)
    {
        var waits = new List<string>();
        foreach (var node in mesh.Nodes)
            waits.Add(
                await node.TextAsync(
                    "select (select string_agg(left(j::text, 200), ' ') from trktr.overwrite_log j), (select "
                        + "string_agg(left(r::text, 200), ' ') from trktr.contested_key r), (select string_agg(left(v::text, 200), ' "
                        + "') from trktr.winner v)"
                )
            );
        var rows = new List<HashSet<string>>();
        foreach (var node in mesh.Nodes)
            rows.Add([.. (await node.TextAsync($"select left(t::text, 120) from {table} t")).Split('\n')]);
        var common = rows.Aggregate((left, right) => [.. left.Intersect(right)]);
        return string.Join(
            '\n',
            rows.Select(
                (own, node) =>
                    $"node {node}: {string.Join(' ', own.Except(common).Order(StringComparer.Ordinal).Take(20))}; waits: {waits[node]}"
            )
        );
    }

    private static void Each(TestMesh mesh, int[] alone, Action<int, int> link)
    {
        foreach (var from in mesh.Nodes)
        foreach (var to in mesh.Nodes)
            if (from != to && alone.Contains(from.Id) != alone.Contains(to.Id))
                link(from.Id, to.Id);
    }
}
