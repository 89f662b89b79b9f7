using System.Text.Json;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>Which versions of a conflict can be restored.</summary>
public static class RestorationRules
{
    /// <summary>
    /// The losing versions of a resolved conflict that are one whole row; empty while the conflict waits.
    /// </summary>
    public static IReadOnlyList<RowSide> Losers(HistoryEntry entry)
    {
        if (entry.Resolved is null || entry.ConflictType == ConflictType.ApplyError)
            return [];
        RowSide[] lost = entry.Resolution switch
        {
            "keep_local" => [RowSide.Remote],
            "apply_remote" => [RowSide.Local],
            "merge" => [RowSide.Local, RowSide.Remote],
            _ => [],
        };
        return [.. lost.Where(version => Row(entry, version) is not null)];
    }

    /// <summary>The image of a version.</summary>
    /// <exception cref="RefusedException">Conflict: the conflict is not resolved, or there is no such row.</exception>
    internal static JsonElement Image(HistoryEntry entry, RowSide version)
    {
        if (entry.Resolved is null)
            throw RefusedException.Conflict(
                $"Conflict {entry.Id} is not resolved yet.",
                "Decide it first; both versions can be restored afterwards."
            );
        if (entry.ConflictType == ConflictType.ApplyError)
            throw RefusedException.Conflict($"Conflict {entry.Id} was not a row conflict: no version lost.");
        return Row(entry, version)
            ?? throw RefusedException.Conflict(
                $"The {ConflictWords.Of(version)} version of conflict {entry.Id} is not a single row that could be restored.",
                "The conflict shows its images; write the row that you want as usual."
            );
    }

    /// <summary>The key to write the version under: its own.</summary>
    /// <exception cref="RefusedException">Conflict: some of its columns were not recorded.</exception>
    internal static JsonElement KeyOf(HistoryEntry entry, JsonElement image, IReadOnlyList<RowColumn> columns)
    {
        if (columns.FirstOrDefault(column => !column.IsGenerated && !image.TryGetProperty(column.Name, out _)) is { } missing)
            throw RefusedException.Conflict(
                $"The version recorded with conflict {entry.Id} lacks column {missing.Name}, which the table has now.",
                "Write the row as usual."
            );
        return JsonSerializer.SerializeToElement(
            columns
                .Where(column => column.IsKey)
                .ToDictionary(column => column.Name, column => image.GetProperty(column.Name), StringComparer.Ordinal)
        );
    }

    private static JsonElement? Row(HistoryEntry entry, RowSide version) =>
        RowJson.Rows(version == RowSide.Local ? entry.LocalRow : entry.RemoteRow) is [var only] ? only : null;
}
