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
            ConflictType.UpdateExists => "An update takes a value that must be unique",
            ConflictType.UpdateOriginDiffers => "Two nodes updated the same row",
            ConflictType.UpdateMissing => "An update of a row that is not here",
            ConflictType.DeleteOriginDiffers => "A delete of a row that another node changed",
            ConflictType.DeleteMissing => "A delete of a row that is gone already",
            ConflictType.MultipleUniqueConflicts => "A row collides with others by unique keys",
            _ => "A change that the table cannot take",
        };

    /// <summary>What happened, in a sentence.</summary>
    public static string Story(HistoryEntry entry, int node)
    {
        var (peer, here) = (Node(entry.Peer), Node(node));
        var unique = entry.UniqueIndex is { } index ? $" ({index})" : "";
        return entry.ConflictType switch
        {
            ConflictType.InsertExists => $"{Capital(peer)} inserted a row; {here} had one of the same key{unique} already.",
            ConflictType.UpdateExists => $"{Capital(peer)} updated a row; on {here} another row has its unique value{unique}.",
            ConflictType.UpdateOriginDiffers =>
                $"{Capital(peer)} updated the row; on {here} it was last written by {Writer(entry.LocalOrigin, node)}.",
            ConflictType.UpdateMissing =>
                $"{Capital(peer)} updated a row that {here} does not have: it was deleted there, or never arrived.",
            ConflictType.DeleteOriginDiffers =>
                $"{Capital(peer)} deleted the row; on {here} it was last written by {Writer(entry.LocalOrigin, node)}.",
            ConflictType.DeleteMissing => $"{Capital(peer)} deleted a row that {here} does not have.",
            ConflictType.MultipleUniqueConflicts =>
                $"{Capital(peer)} sent a row that collides on {here} with one or more others by unique keys{unique}.",
            _ => $"{Capital(peer)} sent a change that the table on {here} cannot take as it is.",
        };
    }

    /// <summary>Where it stands, in a few words, and how good that is.</summary>
    public static (Health Health, string Text) State(HistoryEntry entry) =>
        entry switch
        {
            { Resolved: not null } => (Health.Good, "resolved"),
            { Decision: not null } => (Health.Waiting, "decided, not applied yet"),
            { ConflictType: ConflictType.ApplyError } => (Health.Bad, "waits for the table to be mended"),
            _ => (Health.Bad, "waits for a decision"),
        };

    /// <summary>What was done in the end.</summary>
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

    /// <summary>What the policy said.</summary>
    public static string Of(Outcome? outcome) =>
        outcome switch
        {
            Outcome.ApplyRemote => "the remote change wins",
            Outcome.KeepLocal => "the local row wins",
            Outcome.DecisionNeeded => "somebody has to decide",
            _ => "–",
        };

    /// <summary>How a node took part in a decision.</summary>
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
            _ => $"not reached: {outcome.Detail} Its conflict goes on waiting there.",
        };

    /// <summary>A key as it is shown: <c>id 1, line 2</c>.</summary>
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
                isGone ? $"Keep it as it is on {here}: no row" : $"Keep the row of {here}",
                $"What {peer} sent is left out, and kept in the history."
            ),
            Resolution.ApplyRemote => (
                isDelete ? $"Delete it, as {peer} did" : $"Take the row of {peer}",
                isGone ? "The row is inserted." : "What is here loses, and is kept in the history."
            ),
            Resolution.Newest => (
                "Take the newest",
                CasePreview.NewestIsRemote(view)
                    ? $"What last_update_wins would do: the change of {peer} is applied."
                    : $"What last_update_wins would do: {here} keeps what it has."
            ),
            _ => ("Merge column by column", $"You choose or write each value; {here} writes the row, and it reaches every node."),
        };
    }

    private static string Node(int node) => string.Create(CultureInfo.InvariantCulture, $"node {node}");

    private static string Writer(int? origin, int here) =>
        origin is not { } node ? "an unknown node"
        : node == here ? "itself"
        : Node(node);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
