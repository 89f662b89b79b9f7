using System.Globalization;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Live.Cases;

/// <summary>How the row of one node stands to that of the node whose case it is.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsEqual">Whether it is the same; null when it is not known.</param>
/// <param name="Differing">The columns that differ.</param>
/// <param name="Why">Why it differs or is not known, as far as can be told, in sentences; null when it is equal.</param>
public sealed record RowAgreement(int Node, bool? IsEqual, IReadOnlySet<string> Differing, string? Why);

/// <summary>Whether the nodes are equal for a key, and if not, why.</summary>
/// <param name="Health">How good that is.</param>
/// <param name="Text">In a sentence.</param>
/// <param name="Nodes">Each node.</param>
public sealed record CaseAgreement(Health Health, string Text, IReadOnlyList<RowAgreement> Nodes)
{
    /// <param name="view">The case.</param>
    /// <param name="mesh">The links between the nodes, which may explain a difference.</param>
    public static CaseAgreement Of(CaseView view, MeshView mesh)
    {
        var model = (
            view.Nodes.FirstOrDefault(node => node.Node == view.Node && node.Row is not null)
            ?? view.Nodes.FirstOrDefault(node => node.Row is not null)
        )?.Row;
        var nodes = view
            .Nodes.Select(node =>
            {
                if (node.Row is not { } row || model is null)
                    return new RowAgreement(node.Node, null, new HashSet<string>(), node.Problem ?? "It was not asked yet.");
                return CasePreview.AreSame(model.Row, row.Row, model.Columns)
                    ? new RowAgreement(node.Node, true, new HashSet<string>(), null)
                    : new RowAgreement(node.Node, false, CasePreview.Differing(model.Row, row.Row, model.Columns), Why(view, node, mesh));
            })
            .ToList();

        var (equal, silent) = (nodes.Count(node => node.IsEqual == true), nodes.Count(node => node.IsEqual is null));
        string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        if (equal == 0)
            return new(Health.Waiting, "No node could be asked for the row yet.", nodes);
        if (equal + silent < nodes.Count)
            return new(view.IsOpen ? Health.Waiting : Health.Bad, "The nodes differ for this key.", nodes);
        if (silent > 0)
            return new(Health.Waiting, Words($"{equal} of {nodes.Count} nodes have the same row; the others cannot be asked."), nodes);
        return model!.Row is null
            ? new(Health.Good, Words($"All {nodes.Count} nodes are equal for this key: none has a row."), nodes)
            : new(Health.Good, Words($"All {nodes.Count} nodes are equal for this key."), nodes);
    }

    private static string Why(CaseView view, RowOnNode node, MeshView mesh)
    {
        var reasons = new List<string>();
        foreach (
            var open in new[] { view.Nodes.FirstOrDefault(other => other.Node == view.Node), node }
                .OfType<RowOnNode>()
                .DistinctBy(other => other.Node)
        )
        foreach (var conflict in open.Conflicts.Where(conflict => conflict.Resolved is null))
            reasons.Add(Waits(open.Node, conflict));
        reasons.AddRange(
            from edge in MeshEdge.Of(mesh)
            where (edge.To == node.Node || edge.To == view.Node) && edge.State is not (EdgeState.Streaming or EdgeState.CatchingUp)
            where edge.From == node.Node || edge.From == view.Node
            select string.Create(
                CultureInfo.InvariantCulture,
                $"Node {edge.To} does not receive from node {edge.From} now ({edge.State switch
                         {
                             EdgeState.Paused => "paused",
                             EdgeState.Disabled => "disabled by hand",
                             EdgeState.Unreachable => "sender unreachable",
                             EdgeState.Missing => "no subscription",
                             EdgeState.Unknown => "its arbiter does not answer",
                             _ => "stopped",
                         }})."
            )
        );
        if (reasons.Count == 0)
            reasons.Add(
                "Nothing known keeps them apart: a change may be on its way. If it stays so, the nodes have diverged here; writing the "
                    + "row once makes them equal."
            );
        return string.Join(" ", reasons);
    }

    private static string Waits(int node, HistoryEntry conflict) =>
        conflict.Decision is null
            ? string.Create(CultureInfo.InvariantCulture, $"Conflict {conflict.Id} of node {node} waits for a decision.")
            : string.Create(CultureInfo.InvariantCulture, $"Conflict {conflict.Id} of node {node} is decided and not applied yet.");
}
