using System.Globalization;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Live.Cases;
using Traktor.Web.Live.Mesh;

namespace Traktor.Web.Components.Cases;

/// <summary>Conflicts in plain words.</summary>
internal static class CaseStory
{
    /// <summary>What kind of conflict it is, in a few words.</summary>
    public static string Title(ConflictType type) =>
        type switch
        {
            ConflictType.InsertExists => "Two nodes inserted the same key",
            ConflictType.UpdateExists => "An update violates a unique key",
            ConflictType.UpdateOriginDiffers => "Two nodes updated the same row",
            ConflictType.UpdateMissing => "An update of a missing row",
            ConflictType.DeleteOriginDiffers => "A delete of a row that another node changed",
            ConflictType.DeleteMissing => "A delete of a missing row",
            ConflictType.MultipleUniqueConflicts => "A row violates several unique keys",
            _ => "A change that does not fit the table",
        };

    /// <summary>What happened, in a sentence.</summary>
    public static string Story(HistoryEntry entry, int node)
    {
        var (peer, here) = (Node(entry.Peer), Node(node));
        var unique = entry.UniqueIndex is { } index ? $" ({index})" : "";
        return entry.ConflictType switch
        {
            ConflictType.InsertExists => $"{Capital(peer)} inserted a row; {here} already had a row with the same key{unique}.",
            ConflictType.UpdateExists => $"{Capital(peer)} updated a row; on {here} another row has the same unique key{unique}.",
            ConflictType.UpdateOriginDiffers =>
                $"{Capital(peer)} updated the row; on {here} it was last written by {Writer(entry.LocalOrigin, node)}.",
            ConflictType.UpdateMissing =>
                $"{Capital(peer)} updated a row that does not exist on {here}: it was deleted there, or has not arrived.",
            ConflictType.DeleteOriginDiffers =>
                $"{Capital(peer)} deleted the row; on {here} it was last written by {Writer(entry.LocalOrigin, node)}.",
            ConflictType.DeleteMissing => $"{Capital(peer)} deleted a row that does not exist on {here}.",
            ConflictType.MultipleUniqueConflicts => $"{Capital(peer)} sent a row that violates several unique keys on {here}{unique}.",
            _ => $"{Capital(peer)} sent a change that does not fit the table on {here}.",
        };
    }

    /// <summary>Its state in a few words, and its health.</summary>
    public static (Health Health, string Text) State(HistoryEntry entry) =>
        entry switch
        {
            { Resolved: not null } => (Health.Good, "resolved"),
            { Decision: not null } => (Health.Waiting, "decided, not applied yet"),
            { ConflictType: ConflictType.ApplyError } => (Health.Bad, "apply error"),
            _ => (Health.Bad, "decision needed"),
        };

    /// <summary>The resolution.</summary>
    public static string Done(string? resolution) =>
        resolution switch
        {
            "keep_local" => "the local row was kept",
            "apply_remote" => "the remote change was applied",
            "merge" => "the rows were merged by hand",
            null => "",
            _ => resolution.Replace('_', ' '),
        };

    /// <summary>A decision by hand.</summary>
    public static string Of(Resolution resolution) =>
        resolution switch
        {
            Resolution.KeepLocal => "keep local",
            Resolution.ApplyRemote => "take remote",
            Resolution.Newest => "newest",
            _ => "merge",
        };

    /// <summary>The outcome of the policy.</summary>
    public static string Of(Outcome? outcome) =>
        outcome switch
        {
            Outcome.ApplyRemote => "the remote change wins",
            Outcome.KeepLocal => "the local row wins",
            Outcome.DecisionNeeded => "decision needed",
            _ => "–",
        };

    /// <summary>What a node did about a decision.</summary>
    public static string Of(NodeAnswer outcome) =>
        outcome switch
        {
            { Result: AnswerKind.Done, Decision: { } decision } => string.Create(
                CultureInfo.InvariantCulture,
                $"conflict {outcome.Conflict} decided: {Of(decision)}."
            ),
            { Result: AnswerKind.Done } => "done.",
            { Result: AnswerKind.Nothing } => outcome.Detail ?? "nothing to do.",
            { Result: AnswerKind.Refused } => $"refused: {outcome.Detail}",
            _ => $"unreachable: {outcome.Detail} Its conflict is still pending.",
        };

    /// <summary>A key as text: <c>id 1, line 2</c>.</summary>
    public static string Key(System.Text.Json.JsonElement? key) =>
        key is { ValueKind: System.Text.Json.JsonValueKind.Object } columns
            ? string.Join(", ", columns.EnumerateObject().Select(column => $"{column.Name} {column.Value}"))
            : "no key";

    /// <summary>Several nodes: <c>Nodes 0, 1 and 2</c>.</summary>
    public static string Nodes(IReadOnlyList<int> nodes) =>
        nodes.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"Node {nodes[0]}")
            : $"Nodes {string.Join(", ", nodes.Take(nodes.Count - 1))} and {nodes[^1]}";

    /// <summary>What each way of deciding does in this case.</summary>
    public static (string Title, string Meaning) Way(Resolution resolution, CaseView view)
    {
        var (here, peer, isDelete) = (Node(view.Node), Node(view.Conflict.Peer), view.Conflict.Operation == "delete");
        var isGone = view.Rows.Now is { Row: null } || (view.Rows.Now is null && view.Rows.Local.Count == 0);
        return resolution switch
        {
            Resolution.KeepLocal => (
                isGone ? $"Keep no row, as on {here}" : $"Keep the row of {here}",
                $"The change from {peer} is skipped; the history keeps it."
            ),
            Resolution.ApplyRemote => (
                isDelete ? $"Delete the row, as {peer} did" : $"Take the row of {peer}",
                isGone ? "The row is inserted." : $"The row of {here} is {(isDelete ? "deleted" : "replaced")}; the history keeps it."
            ),
            Resolution.Newest => (
                "Take the newest",
                CasePreview.NewestIsRemote(view)
                    ? $"As last_update_wins decides: the change from {peer} is applied."
                    : $"As last_update_wins decides: {here} keeps its row."
            ),
            _ => ("Merge column by column", $"Choose or enter each value. The write of {here} is replicated to all nodes."),
        };
    }

    private static string Node(int node) => string.Create(CultureInfo.InvariantCulture, $"node {node}");

    private static string Writer(int? origin, int here) =>
        origin is not { } node ? "an unknown node"
        : node == here ? "that node itself"
        : Node(node);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
