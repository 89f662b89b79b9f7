using System.Data.Common;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Web.Live.Mesh;
using Traktor.Web.Peers;

namespace Traktor.Web.Live.Cases;

/// <summary>Reads a case from all nodes of the mesh; for a node that does not answer it has the reason.</summary>
public sealed class CaseReading(NodeClients clients, MeshWatch watch)
{
    /// <summary>Reads a conflict, and its row on every node in parallel.</summary>
    /// <exception cref="RefusedException">The node has no such conflict, or does not answer.</exception>
    public async Task<CaseView> ReadAsync(int node, long id, CancellationToken cancel)
    {
        var reader = clients.Cases(node);
        var found = reader.CaseAsync(id, cancel);
        var rows = reader.RowsAsync(id, cancel);
        await Task.WhenAll(found, rows);
        var entry = found.Result.Conflict;
        if (entry.Key is not { ValueKind: JsonValueKind.Object } key)
            return new CaseView(node, found.Result, rows.Result, []);
        var nodes = watch.Look().Nodes.Select(seen => seen.Node).Append(node).Distinct().Order();
        return new CaseView(
            node,
            found.Result,
            rows.Result,
            await Task.WhenAll(nodes.Select(other => OnNodeAsync(other, entry.Relation, key, cancel)))
        );
    }

    private async Task<RowOnNode> OnNodeAsync(int node, string relation, JsonElement key, CancellationToken cancel)
    {
        IReadOnlyList<HistoryEntry> conflicts = [];
        RowFound? row = null;
        try
        {
            var reader = clients.Cases(node);
            conflicts = await reader.AboutAsync(relation, key, cancel);
            row = await reader.RowAsync(relation, key, cancel);
            return new RowOnNode(node, row, conflicts, null);
        }
        catch (RefusedException e)
        {
            return new RowOnNode(node, row, conflicts, e.Message);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            return new RowOnNode(node, row, conflicts, "PostgreSQL did not answer in time.");
        }
    }
}
