using Traktor.Engine.Replicasets;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Live.Tables;

/// <summary>The state of a table on one node, compared with the others.</summary>
public enum CellState
{
    /// <summary>It is committed.</summary>
    Committed,

    /// <summary>It is committed, and a node may lack rows of it.</summary>
    NeedsResync,

    /// <summary>Its add is staged.</summary>
    PendingAdd,

    /// <summary>It is committed and waits for peers.</summary>
    Opening,

    /// <summary>Its removal is staged.</summary>
    PendingRemove,

    /// <summary>The table exists there and is not in the replicaset.</summary>
    NotAdded,

    /// <summary>The table does not exist there.</summary>
    Missing,

    /// <summary>Its schema differs: see the cell's note.</summary>
    Differs,

    /// <summary>The node's arbiter does not answer.</summary>
    Unknown,
}

/// <summary>A table on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="State">Its state.</param>
/// <param name="Note">What is wrong or what it waits for, in a sentence; null when nothing is.</param>
public sealed record TableCell(int Node, CellState State, string? Note = null);

/// <summary>A table on all nodes.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Policies">Its policy by node.</param>
/// <param name="Cells">A cell for each node, in the order of the nodes.</param>
public sealed record TableRow(string Relation, IReadOnlyDictionary<int, string> Policies, IReadOnlyList<TableCell> Cells)
{
    /// <summary>Whether the nodes have different policies.</summary>
    public bool HasDrift => Policies.Values.Distinct().Count() > 1;
}

/// <summary>Puts the nodes' replicasets and catalogs side by side.</summary>
public static class TableMatrix
{
    /// <param name="view">The nodes and their replicasets.</param>
    /// <param name="catalogs">The catalogs that have been read, by node.</param>
    public static IReadOnlyList<TableRow> Of(MeshView view, IReadOnlyDictionary<int, IReadOnlyList<CatalogTable>> catalogs)
    {
        var relations = view
            .Nodes.SelectMany(node => node.Tables ?? [])
            .Select(table => table.Relation)
            .Distinct()
            .Order(StringComparer.Ordinal);
        return [.. relations.Select(relation => Row(relation, view, catalogs))];
    }

    private static TableRow Row(string relation, MeshView view, IReadOnlyDictionary<int, IReadOnlyList<CatalogTable>> catalogs)
    {
        var policies = new Dictionary<int, string>();
        CatalogTable? model = null;
        var cells = new List<TableCell>();
        // The other nodes are compared with the first one that has the table.
        foreach (var node in view.Nodes)
            model ??= Find(catalogs, node.Node, relation);
        foreach (var node in view.Nodes)
        {
            var entry = node.Tables?.FirstOrDefault(table => table.Relation == relation);
            if (entry is not null)
                policies[node.Node] = entry.Policy;
            cells.Add(Cell(node, entry, model, catalogs, relation));
        }

        return new TableRow(relation, policies, cells);
    }

    private static TableCell Cell(
        NodeSeen node,
        ReplicasetTable? entry,
        CatalogTable? model,
        IReadOnlyDictionary<int, IReadOnlyList<CatalogTable>> catalogs,
        string relation
    )
    {
        if (!node.IsFresh || node.Tables is null)
            return new TableCell(node.Node, CellState.Unknown, node.Problem);
        if (catalogs.ContainsKey(node.Node))
        {
            if (Find(catalogs, node.Node, relation) is not { } here)
                return new TableCell(node.Node, CellState.Missing, "The table does not exist. Create it.");
            if (model is not null && SchemaDifference.Of(model, here) is { } difference)
                return new TableCell(node.Node, CellState.Differs, difference);
        }

        if (entry is null)
            return new TableCell(node.Node, CellState.NotAdded);
        var note =
            entry.WaitingFor is [var waiting, ..] ? $"Waiting for node {waiting.Node}: {waiting.Reason}"
            : entry.Findings is [var finding, ..] ? finding.Found
            : null;
        var state = entry switch
        {
            { Status: TableState.Committed } when entry.Findings.Any(finding => finding.Check == ResyncFindings.Check) =>
                CellState.NeedsResync,
            { Status: TableState.Committed } => CellState.Committed,
            { Status: TableState.PendingRemove } => CellState.PendingRemove,
            { IsCommitting: true } => CellState.Opening,
            _ => CellState.PendingAdd,
        };
        return new TableCell(node.Node, state, note);
    }

    private static CatalogTable? Find(IReadOnlyDictionary<int, IReadOnlyList<CatalogTable>> catalogs, int node, string relation) =>
        catalogs.GetValueOrDefault(node)?.FirstOrDefault(table => table.Relation == relation);
}
