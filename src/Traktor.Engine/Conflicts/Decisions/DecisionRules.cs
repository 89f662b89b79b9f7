using System.Text.Json;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>Which decisions are possible for a conflict.</summary>
internal static class DecisionRules
{
    /// <summary>Why a decision is refused; null when it is possible.</summary>
    /// <param name="entry">The conflict.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="facts">The local table; null when it no longer exists.</param>
    public static RefusedException? WhyNot(HistoryEntry entry, HandDecision decision, TableFacts? facts)
    {
        if (entry.Resolved is not null || entry.Decision is not null)
            return TooLate(entry);
        if (entry.ConflictType == ConflictType.ApplyError)
            return RefusedException.Conflict(
                $"Conflict {entry.Id} is not a row conflict, so no decision helps: "
                    + $"{entry.Reason ?? "the change cannot be applied to the table as it is."}",
                $"Fix the table, then POST /v1/arbiter/subscription/{entry.Peer}/resume."
            );
        if (facts is null)
            return RefusedException.Conflict(
                $"{entry.Relation} no longer exists on this node.",
                "Create it again, or remove it from the replicaset on the peer."
            );
        if (decision.Resolution != Resolution.Merge)
            return decision.Row is null ? null : RefusedException.Malformed("row is only allowed with the resolution merge.");
        return decision.Row is { ValueKind: JsonValueKind.Object } row
            ? WhyNoMerge(entry) ?? WhyBadRow(entry, row, facts)
            : RefusedException.Malformed("merge needs a row: an object with the columns to write.");
    }

    /// <summary>The refusal of a decision on a conflict that is already decided or healed.</summary>
    public static RefusedException TooLate(HistoryEntry entry) =>
        entry.Resolved is { } resolved
            ? RefusedException.Conflict(
                $"Conflict {entry.Id} was already resolved by {entry.ResolvedBy ?? "policy"} ({entry.Resolution}) at {resolved:u}.",
                "To change the row, update it as usual."
            )
            : RefusedException.Conflict(
                $"Conflict {entry.Id} was already decided: {ConflictWords.Of(entry.Decision!.Value)}, {entry.DecidedBy}, at "
                    + $"{entry.DecidedAt:u}.",
                "It is applied when all conflicts of its transaction are decided."
            );

    /// <summary>
    /// A merge updates one row that every node has under this key once the transaction is applied; otherwise the merge
    /// would cause the next conflict.
    /// </summary>
    private static RefusedException? WhyNoMerge(HistoryEntry entry) =>
        entry switch
        {
            { Operation: "delete" or "truncate" } => RefusedException.Conflict(
                $"Conflict {entry.Id} is about a {entry.Operation}, so there is no second row to merge with.",
                "Decide keep_local or apply_remote."
            ),
            { ConflictType: ConflictType.MultipleUniqueConflicts } => CannotMerge(entry),
            { LocalRow: { ValueKind: JsonValueKind.Object } local, Key: { ValueKind: JsonValueKind.Object } key }
                when !RowImage.HasKey(local, key) => CannotMerge(entry),
            { LocalRow.ValueKind: JsonValueKind.Array } => CannotMerge(entry),
            _ => null,
        };

    private static RefusedException CannotMerge(HistoryEntry entry) =>
        RefusedException.Conflict(
            $"Conflict {entry.Id} is between rows of different keys, which cannot become one row.",
            "Decide keep_local or apply_remote; then update the rows as usual."
        );

    private static RefusedException? WhyBadRow(HistoryEntry entry, JsonElement row, TableFacts facts)
    {
        var columns = facts.Columns.ToDictionary(column => column.Name);
        var errors = new List<string>();
        foreach (var column in row.EnumerateObject())
        {
            if (!columns.TryGetValue(column.Name, out var known))
                errors.Add($"{entry.Relation} has no column {Shown(column.Name)}");
            else if (known.Generated)
                errors.Add($"column {Shown(column.Name)} is generated and cannot be written");
        }

        if (
            errors.Count == 0
            && row.EnumerateObject().GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
        )
            errors.Add($"column {Shown(twice.Key)} is given twice");
        if (entry.Key is { ValueKind: JsonValueKind.Object } key && !RowImage.HasKey(row, key))
            errors.Add($"the key must stay {key.GetRawText()}");
        return errors.Count == 0
            ? null
            : RefusedException.Malformed(
                $"The merged row cannot be written: {string.Join("; ", errors)}.",
                "Columns that are left out keep their values."
            );
    }

    private static string Shown(string name) => name.Length > 63 ? name[..63] + "…" : name;
}
