using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Traktor.Engine.Conflicts.Rows;

namespace Traktor.Web.Live.Cases;

/// <summary>Checks values without the server. The server checks them again before they are written.</summary>
public static partial class ValueWords
{
    /// <summary>What is wrong with a text that was typed into a column, in a sentence; null when nothing is.</summary>
    public static string? WrongWith(RowColumn column, string text) =>
        column.Kind switch
        {
            ColumnKind.Boolean => text is "t" or "f" ? null : "Choose true or false.",
            ColumnKind.WholeNumber => BigInteger.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                ? null
                : "Enter an integer.",
            ColumnKind.Number => Number().IsMatch(text.Trim()) ? null : "Enter a number with a decimal point, for instance 12.50.",
            ColumnKind.Enum => column.Labels.Contains(text) ? null : "Choose one of the labels.",
            ColumnKind.Json => WrongJson(text),
            ColumnKind.Date or ColumnKind.Timestamp or ColumnKind.TimestampTz => text.Trim().Length == 0
                ? "Enter a date or time, or check NULL."
                : null,
            _ => null,
        };

    /// <summary>Whether the browser's date field can hold the value.</summary>
    public static bool IsDay(string text) => text.Length == 0 || Day().IsMatch(text);

    /// <summary>
    /// The value for the browser's datetime-local field, which has no microseconds and no time zone; null when the
    /// field cannot hold the value.
    /// </summary>
    public static string? ToMoment(string text) =>
        text.Length == 0 ? ""
        : Moment().Match(text) is { Success: true } match ? $"{match.Groups[1].Value}T{match.Groups[2].Value}"
        : null;

    /// <summary>The value of that field as PostgreSQL reads it.</summary>
    public static string FromMoment(string value, ColumnKind kind) =>
        value.Length == 0 ? "" : value.Replace('T', ' ') + (kind == ColumnKind.TimestampTz ? "+00" : "");

    private static string? WrongJson(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return null;
        }
        catch (JsonException e)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"This is not valid JSON: see line {(e.LineNumber ?? 0) + 1}, position {(e.BytePositionInLine ?? 0) + 1}."
            );
        }
    }

    [GeneratedRegex(@"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\z|^(NaN|[+-]?Infinity)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d\z")]
    private static partial Regex Day();

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?:\+00)?\z")]
    private static partial Regex Moment();
}
