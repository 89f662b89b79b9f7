using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Detector;

/// <summary>What the tests of the detector ask of a node.</summary>
internal static class WatchedTable
{
    /// <summary>
    /// Waits until everybody is known to have all rows of a table, and the sessions that apply have been told so.
    /// </summary>
    public static async Task AwaitStableAsync(TestMesh mesh, string table)
    {
        foreach (var node in mesh.Nodes)
        {
            await node.AwaitTextAsync(
                $"select coalesce(bool_and(age(t.xmin) > age(h.xid::xid)), false) from {table} t, trktr.stable_xid h",
                "True"
            );
            await AwaitHeartbeatsAsync(node, 2);
        }
    }

    /// <summary>Waits until this many further heartbeats of each peer were applied.</summary>
    public static async Task AwaitHeartbeatsAsync(MeshNode node, int count)
    {
        var last = await LastAsync(node);
        await Eventually.TrueAsync(
            $"node {node.Id} hears its peers",
            async () => (await LastAsync(node)) is var now && last.All(peer => now.GetValueOrDefault(peer.Key) >= peer.Value + count),
            node.Diagnose
        );
    }

    /// <summary>Waits until the node itself has sent this many further heartbeats.</summary>
    public static async Task AwaitOwnHeartbeatsAsync(MeshNode node, int count)
    {
        const string Own = "select b.seq from trktr.heartbeat b, trktr.identity i where b.node_id = i.node_id";
        var last = await node.ScalarAsync<long>(Own);
        await Eventually.TrueAsync(
            $"the heart of node {node.Id} beats",
            async () => await node.ScalarAsync<long>(Own) >= last + count,
            node.Diagnose
        );
    }

    /// <summary>The overwrite log's entries of a table, in order: operation, key, what was hit and what came.</summary>
    public static Task<string> OverwritesAsync(MeshNode node, string table) =>
        node.TextAsync(
            $"select operation, key, old_row->>'v', old_node, new_row->>'v', peer from trktr.overwrite_log where table_name = "
                + $"'{table}' order by id"
        );

    /// <summary>Our triggers in a node's database, each with the way it is enabled.</summary>
    public static Task<string> TriggersAsync(MeshNode node, string table) =>
        node.TextAsync(
            $"select tgname, tgenabled from pg_trigger where tgname ~ '^trktr_(detect|key)' and tgrelid = "
                + $"to_regclass('{table}') order by tgname"
        );

    public const string AllTriggers = "trktr_detect_delete|R\ntrktr_detect_key_change|O\ntrktr_detect_update|R";

    /// <summary>
    /// With the arbiters down, nobody takes the overwrite log's entries away, and PostgreSQL replicates by itself.
    /// </summary>
    public static async Task WithoutArbitersAsync(TestMesh mesh, Func<Task> work)
    {
        foreach (var node in mesh.Nodes)
            await node.Arbiter.KillAsync();
        try
        {
            await work();
        }
        finally
        {
            foreach (var node in mesh.Nodes)
                await node.Arbiter.StartAsync();
            foreach (var node in mesh.Nodes)
            foreach (var from in mesh.Nodes.Where(from => from != node))
                await node.AwaitStateAsync(from.Id, "streaming");
        }
    }

    private static async Task<Dictionary<int, long>> LastAsync(MeshNode node) =>
        (
            await node.TextAsync(
                "select h.node_id, max(h.seq) from trktr.heartbeat_receipt h, trktr.identity i where h.node_id <> i.node_id group by 1"
            )
        )
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|'))
            .ToDictionary(
                pair => int.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture),
                pair => long.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)
            );
}
