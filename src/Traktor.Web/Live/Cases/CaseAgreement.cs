using System.Globalization;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Live.Cases;

/// <summary>Whether the row on one node equals that on the node of the case.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsEqual">Whether it is equal; null when that is not known.</param>
/// <param name="Differing">The columns that differ.</param>
/// <param name="Why">Why it differs or is not known, a sentence each; empty when it is equal.</param>
public sealed record RowAgreement(int Node, bool? IsEqual, IReadOnlySet<string> Differing, IReadOnlyList<string> Why);

/// <summary>Whether the nodes are equal for a key, and if not, why.</summary>
/// <param name="Health">The health of that.</param>
/// <param name="Text">The same in a sentence.</param>
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
                    return new RowAgreement(node.Node, null, new HashSet<string>(), [node.Problem ?? "The row has not been read yet."]);
                return CasePreview.AreSame(model.Row, row.Row, model.Columns)
                    ? new RowAgreement(node.Node, true, new HashSet<string>(), [])
                    : new RowAgreement(node.Node, false, CasePreview.Differing(model.Row, row.Row, model.Columns), Why(view, node, mesh));
            })
            .ToList();

        var (equal, unknown) = (nodes.Count(node => node.IsEqual == true), nodes.Count(node => node.IsEqual is null));
        string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        if (equal == 0)
            return new(Health.Waiting, "The row has not been read from any node yet.", nodes);
        if (equal + unknown < nodes.Count)
            return new(view.IsOpen ? Health.Waiting : Health.Bad, "The nodes differ for this key.", nodes);
        if (unknown > 0)
            return new(Health.Waiting, Words($"{equal} of {nodes.Count} nodes have the same row; the others do not answer."), nodes);
        return model!.Row is null
            ? new(Health.Good, Words($"All {nodes.Count} nodes are equal for this key: none has the row."), nodes)
            : new(Health.Good, Words($"All {nodes.Count} nodes are equal for this key."), nodes);
    }

    private static List<string> Why(CaseView view, RowOnNode node, MeshView mesh)
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
                $"Node {edge.To} does not receive from node {edge.From} ({edge.State switch
                         {
                             EdgeState.Paused => "paused",
                             EdgeState.Disabled => "disabled",
                             EdgeState.Unreachable => "sender unreachable",
                             EdgeState.Missing => "no subscription",
                             EdgeState.Unknown => "its arbiter does not answer",
                             EdgeState.Healing => "resolving conflicts",
                             EdgeState.WaitingForDecision => "waiting for decision",
                             EdgeState.ApplyError => "apply error",
                             _ => "broken",
                         }})."
            )
        );
        if (reasons.Count == 0)
            reasons.Add(
                "No cause is known; a change may still be in transit. If the difference stays, the nodes have diverged: update the row "
                    + "on one node to make them equal."
            );
        return reasons;
    }

    private static string Waits(int node, HistoryEntry conflict) =>
        conflict.Decision is null
            ? string.Create(CultureInfo.InvariantCulture, $"Conflict {conflict.Id} of node {node} needs a decision.")
            : string.Create(CultureInfo.InvariantCulture, $"Conflict {conflict.Id} of node {node} is decided and not applied yet.");
}
