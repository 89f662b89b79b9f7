using System.Globalization;
using System.Text.RegularExpressions;
using Traktor.Engine;

namespace Traktor.Web.Contracts.Values;

/// <summary>A time in a query string.</summary>
internal static partial class QueryTime
{
    /// <summary>Reads an ISO 8601 time, UTC without an offset; null for none.</summary>
    /// <exception cref="RefusedException">Malformed, with the name of the parameter.</exception>
    // The '+' of an offset that was not percent-encoded arrives as a blank.
    public static DateTimeOffset? Read(string? text, string name) =>
        text is null ? null
        : DateTimeOffset.TryParse(
            LostPlus().Replace(text, "+$1"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
        : throw RefusedException.Malformed($"{name} must be a time.", $"Write it as ISO 8601, for instance {name}=2026-11-23T09:00:00Z.");

    [GeneratedRegex(@" (\d\d:?\d\d)$")]
    private static partial Regex LostPlus();
}
