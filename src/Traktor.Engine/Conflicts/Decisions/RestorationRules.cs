using System.Text.Json;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Engine.Conflicts.Decisions;

/// <summary>Which versions of which conflicts can be brought back.</summary>
public static class RestorationRules
{
    /// <summary>The versions of a resolved conflict that lost and are one whole row; empty while it waits.</summary>
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
    /// <exception cref="RefusedException">Conflict: it waits, or there is no such row.</exception>
    internal static JsonElement Image(HistoryEntry entry, RowSide version)
    {
        if (entry.Resolved is null)
            throw RefusedException.Conflict(
                $"Conflict {entry.Id} still waits.",
                "Decide it; both versions can be brought back afterwards."
            );
        if (entry.ConflictType == ConflictType.ApplyError)
            throw RefusedException.Conflict($"Conflict {entry.Id} was no conflict of rows: there is no version that lost.");
        return Row(entry, version)
            ?? throw RefusedException.Conflict(
                $"The {ConflictWords.Of(version)} version of conflict {entry.Id} is not one row that could be brought back.",
                "Its images are in the conflict; write what is wanted as any other row."
            );
    }

    /// <summary>The key under which the version is to be written: its own.</summary>
    /// <exception cref="RefusedException">Conflict: columns of it were not kept.</exception>
    internal static JsonElement KeyOf(HistoryEntry entry, JsonElement image, IReadOnlyList<RowColumn> columns)
    {
        if (columns.FirstOrDefault(column => !column.IsGenerated && !image.TryGetProperty(column.Name, out _)) is { } missing)
            throw RefusedException.Conflict(
                $"The version that conflict {entry.Id} kept has no column {missing.Name}, which the table has now.",
                "Write the row as any other."
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
