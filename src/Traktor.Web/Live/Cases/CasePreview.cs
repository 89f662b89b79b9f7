using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Live.Cases;

/// <summary>The row as a decision will leave it on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Row">Its values as PostgreSQL's text; null for no row.</param>
/// <param name="IsKnown">Whether the row is known.</param>
/// <param name="Why">What happens there, in a sentence.</param>
public sealed record RowForeseen(int Node, IReadOnlyDictionary<string, string?>? Row, bool IsKnown, string Why);

/// <summary>
/// Predicts the row that a decision by hand leaves on each node: the heal of the conflict on this node, and of the
/// complementary decisions on the others.
/// </summary>
public static class CasePreview
{
    /// <param name="view">The case.</param>
    /// <param name="resolution">The decision.</param>
    /// <param name="merged">The columns to write, of a merge.</param>
    public static IReadOnlyList<RowForeseen> Of(CaseView view, Resolution resolution, IReadOnlyDictionary<string, string?>? merged)
    {
        var winner = Winner(view, resolution, merged);
        return
        [
            .. view.Nodes.Select(node =>
                node.Node == view.Node
                    ? new RowForeseen(node.Node, winner, true, Here(view, resolution))
                    : There(view, node, resolution, winner)
            ),
        ];
    }

    /// <summary>Whether newest takes the remote version, by the present row.</summary>
    public static bool NewestIsRemote(CaseView view)
    {
        var (entry, now) = (view.Conflict, view.Rows.Now);
        var type =
            now is { Row: null } && entry.ConflictType == ConflictType.UpdateOriginDiffers
                ? ConflictType.UpdateMissing
                : entry.ConflictType;
        var local =
            now is { Stamp: { } at, Origin: { } origin } ? new Stamp(at, origin)
            : now is null && entry is { LocalStamp: { } then, LocalOrigin: { } by } ? new Stamp(then, by)
            : (Stamp?)null;
        var remote = new Stamp(entry.RemoteStamp ?? DateTimeOffset.MinValue, entry.RemoteOrigin ?? entry.Peer);
        return PolicyRules.Decide(new Contest(Policy.LastUpdateWins, type, local, remote, view.Node, NodePriorities.ByNodeId)).Outcome
            == Outcome.ApplyRemote;
    }

    /// <summary>Whether two rows agree in all columns that both have and that are not computed.</summary>
    public static bool AreSame(
        IReadOnlyDictionary<string, string?>? left,
        IReadOnlyDictionary<string, string?>? right,
        IReadOnlyList<RowColumn> columns
    ) => left is null || right is null ? left is null && right is null : Differing(left, right, columns).Count == 0;

    /// <summary>
    /// The columns in which two rows differ; those that only one of them has, and computed ones, are left out.
    /// </summary>
    public static IReadOnlySet<string> Differing(
        IReadOnlyDictionary<string, string?>? left,
        IReadOnlyDictionary<string, string?>? right,
        IReadOnlyList<RowColumn> columns
    )
    {
        if (left is null || right is null)
            return new HashSet<string>();
        var computed = columns.Where(column => column.IsGenerated).Select(column => column.Name).ToHashSet();
        return left.Where(pair =>
                !computed.Contains(pair.Key)
                && right.TryGetValue(pair.Key, out var other)
                && !string.Equals(pair.Value, other, StringComparison.Ordinal)
            )
            .Select(pair => pair.Key)
            .ToHashSet();
    }

    /// <summary>The row that stays on the node of the decision.</summary>
    private static IReadOnlyDictionary<string, string?>? Winner(
        CaseView view,
        Resolution resolution,
        IReadOnlyDictionary<string, string?>? merged
    )
    {
        var entry = view.Conflict;
        var local =
            view.Rows.Now is { } now ? now.Row
            : view.Rows.Local is [var recorded, ..] ? recorded
            : null;
        var remote = entry.Operation == "delete" ? null : view.Rows.Remote;
        // No row blocks the insert any more: it is applied whatever the decision is.
        if (local is null && entry.Operation == "insert")
            return resolution == Resolution.Merge ? Over(remote, merged) : remote;
        return resolution switch
        {
            Resolution.KeepLocal => local,
            Resolution.ApplyRemote => remote,
            Resolution.Newest => NewestIsRemote(view) ? remote : local,
            _ => Over(local ?? remote, merged),
        };
    }

    private static Dictionary<string, string?>? Over(
        IReadOnlyDictionary<string, string?>? row,
        IReadOnlyDictionary<string, string?>? merged
    )
    {
        if (row is null && merged is null)
            return null;
        var result = new Dictionary<string, string?>(row ?? new Dictionary<string, string?>(), StringComparer.Ordinal);
        foreach (var column in merged ?? new Dictionary<string, string?>())
            result[column.Key] = column.Value;
        return result;
    }

    private static string Here(CaseView view, Resolution resolution) =>
        resolution switch
        {
            Resolution.KeepLocal => "The present row stays; the remote change is skipped.",
            Resolution.ApplyRemote => view.Conflict.Operation == "delete" ? "The row is deleted." : "The remote row is written.",
            Resolution.Newest => NewestIsRemote(view)
                ? "The remote change is the later one and is applied."
                : "The present row is the later one and stays.",
            _ => "This node writes the merged columns as its own update.",
        };

    private static RowForeseen There(CaseView view, RowOnNode node, Resolution resolution, IReadOnlyDictionary<string, string?>? winner)
    {
        var waiting = node.Conflicts.Where(conflict => conflict is { Resolved: null, Decision: null }).ToList();
        if (node.Row is not { } now)
            return new RowForeseen(node.Node, null, false, node.Problem ?? "The node does not answer.");
        var decisions = waiting.Select(theirs => (theirs.Id, Resolution: Complement.Of(view.Conflict, resolution, theirs))).ToList();
        if (decisions.Find(decision => decision.Resolution is null) is { Id: > 0 } open)
            return new RowForeseen(
                node.Node,
                now.Row,
                true,
                string.Create(CultureInfo.InvariantCulture, $"Its conflict {open.Id} is about other versions and stays pending.")
            );
        if (resolution == Resolution.Merge)
            return new RowForeseen(
                node.Node,
                winner,
                true,
                "It receives the merged row from node " + view.Node.ToString(CultureInfo.InvariantCulture) + "."
            );
        return decisions switch
        {
            [] => new RowForeseen(node.Node, now.Row, true, "It has no pending conflict about this row; its row stays."),
            _ when decisions.Exists(decision => decision.Resolution is Resolution.ApplyRemote or Resolution.Newest) => new RowForeseen(
                node.Node,
                winner,
                true,
                Count(decisions.Count) + " decided so that the same version wins."
            ),
            _ => new RowForeseen(node.Node, now.Row, true, Count(decisions.Count) + " decided; its row stays."),
        };
    }

    private static string Count(int conflicts) =>
        conflicts == 1 ? "Its conflict is" : string.Create(CultureInfo.InvariantCulture, $"Its {conflicts} conflicts are");
}
