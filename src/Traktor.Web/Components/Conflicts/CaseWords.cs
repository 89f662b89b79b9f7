using System.Text.Json;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Records;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Live.Cases;

namespace Traktor.Web.Components.Conflicts;

/// <summary>Cases in words.</summary>
internal static class CaseWords
{
    private const int Longest = 80;

    /// <summary>The row's key, for instance id=1, region=north.</summary>
    public static string Key(FeedEntry entry)
    {
        if (entry.Key is not { ValueKind: JsonValueKind.Object } key)
            return "";
        var text = string.Join(", ", key.EnumerateObject().Select(column => $"{column.Name}={column.Value}"));
        return text.Length > Longest ? text[..Longest] + "…" : text;
    }

    /// <summary>
    /// The resolution of a case: a line for each different result, with its nodes when there are several.
    /// </summary>
    public static IReadOnlyList<(string Sign, string Words, string Health, string Nodes)> Outcomes(RowCase row)
    {
        var lines = row.Entries.GroupBy(Outcome).ToList();
        return
        [
            .. lines.Select(line =>
                (
                    line.Key.Sign,
                    line.Key.Words,
                    line.Key.Health,
                    lines.Count == 1 ? "" : "node " + string.Join(", ", line.Select(entry => entry.Node).Order())
                )
            ),
        ];
    }

    private static (string Sign, string Words, string Health) Outcome(FeedEntry entry) =>
        entry switch
        {
            { State: ConflictState.Resolved } => (
                "✓",
                $"{Words(entry.Resolution)}{(entry.ResolvedBy is { } by ? $", {Words(by)}" : "")}",
                "traktor-good"
            ),
            { Decision: { } decision } => ("»", $"decided: {Words(ConflictWords.Of(decision))}; applying", "traktor-waiting"),
            { ConflictType: ConflictType.ApplyError } => ("✕", "apply error: correct the table", "traktor-bad"),
            _ => ("✕", "decision needed", "traktor-bad"),
        };

    private static string Words(string? word) => word?.Replace('_', ' ') ?? "resolved";
}
