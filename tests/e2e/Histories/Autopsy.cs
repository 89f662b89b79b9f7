using System.Text;
using Traktor.E2ETests.Mesh;

namespace Traktor.E2ETests.Histories;

/// <summary>
/// What there is to look at of a random history that ended wrong: of each key that is concerned who wrote it when, what
/// every node has of it, and what the histories say.
/// </summary>
internal static class Autopsy
{
    /// <summary>Of the keys of a table that differ between nodes.</summary>
    public static async Task<string> OfDifferencesAsync(TestMesh mesh, Ledger ledger, string table)
    {
        if (ContestedTable.All.FirstOrDefault(one => one.Name == table) is not { } contested)
            return "";
        var text = new StringBuilder();
        for (var key = 0; key < RandomHistory.Keys; key++)
        {
            var rows = new HashSet<string>(StringComparer.Ordinal);
            foreach (var node in mesh.Nodes)
                rows.Add(await node.TextAsync($"select md5(t::text) from {table} t where {contested.Where(key)}"));
            if (rows.Count > 1)
                text.Append(await OfKeyAsync(mesh, ledger, contested, key));
        }

        return text.ToString();
    }

    /// <summary>Of one key.</summary>
    public static async Task<string> OfKeyAsync(TestMesh mesh, Ledger ledger, ContestedTable table, int key)
    {
        var text = new StringBuilder($"\n--- {table.Name} key {key}, written:\n");
        foreach (var line in ledger.Of(table, key))
            text.AppendLine(line);
        foreach (var node in mesh.Nodes)
        {
            text.AppendLine(
                $"node {node.Id} has: "
                    + await node.TextAsync(
                        $"select left(t::text, 60), pg_xact_commit_timestamp(x)::time, "
                            + $"trktr.node_of((pg_xact_commit_timestamp_origin(x)).roident) from (select xmin as x, t from "
                            + $"{table.Name} t where {table.Where(key)}) t"
                    )
            );
            foreach (var waiting in (string[])["overwrite_log", "contested_key", "winner"])
                text.AppendLine(
                    $"{waiting}: "
                        + await node.TextAsync(
                            $"select left(j::text, 300) from trktr.{waiting} j where "
                                + $"{OfKey("j.schema_name || '.' || j.table_name", "j.key::jsonb", table, key)}"
                        )
                );
            text.AppendLine(
                await node.TextAsync(
                    $"""
                    select concat_ws(' ', id, occurred::time, peer, lsn, ordinal, conflict_type, operation, unique_index,
                        resolution, resolved_by,
                        'local', local_row ->> 'said', local_stamp::time, local_origin,
                        'remote', remote_row ->> 'said', remote_stamp::time, remote_origin)
                    from trktr.history h
                    where {OfKey("replace(h.relation, '\"', '')", "h.key", table, key)}
                    order by id
                    """
                )
            );
        }

        return text.ToString();
    }

    private static string OfKey(string relation, string json, ContestedTable table, int key) =>
        $"{relation} = '{table.Name.Replace("\"", "", StringComparison.Ordinal)}' and coalesce({json} ->> 'id', {json} ->> "
        + $"'Left id') = '{key}'";
}
