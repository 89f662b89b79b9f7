namespace Traktor.Web.Contracts.Values;

/// <summary>Text as a field of a CSV file (RFC 4180).</summary>
internal static class CsvText
{
    /// <summary>
    /// The field. A spreadsheet would run text that begins with one of these signs as a formula
    /// (<see href="https://owasp.org/www-community/attacks/CSV_Injection"/>), and rows may hold text of any origin: an
    /// apostrophe in front makes it plain text.
    /// </summary>
    public static string? Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;
        if (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n')
            text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
