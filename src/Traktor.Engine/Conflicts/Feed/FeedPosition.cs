using System.Globalization;

namespace Traktor.Engine.Conflicts.Feed;

/// <summary>
/// A reader's position: the last conflict's id, and the last revision of a conflict that changed after it was recorded.
/// Written as <c>17-3</c>; a plain id is accepted too.
/// </summary>
public readonly record struct FeedPosition(long Id, long Revision)
{
    /// <summary>Parses a position; null when the text is not one.</summary>
    public static FeedPosition? Parse(string? text)
    {
        var parts = (text ?? "").Split('-');
        return
            parts.Length <= 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && (
                parts.Length == 1 ? long.MaxValue
                : long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed
                : -1
            )
                is >= 0
                    and var revision
            ? new FeedPosition(id, revision)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id}-{Revision}");
}
