using System.Text;

namespace Traktor.Engine.ConnectionStrings;

/// <summary>
/// Parses the keyword/value form of a connection string as libpq does: blanks around '=' are optional, a value with
/// blanks is in single quotes, and a backslash escapes the next character. Errors never repeat a value, which may be
/// part of a password. See
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE"/>.
/// </summary>
internal static class ConninfoParser
{
    public static IEnumerable<KeyValuePair<string, string>> Parse(string text)
    {
        var at = 0;
        while (SkipBlanks(text, ref at))
        {
            var start = at;
            while (at < text.Length && text[at] != '=' && !IsBlank(text[at]))
                at++;
            var keyword = text[start..at];
            if (!SkipBlanks(text, ref at) || text[at] != '=')
                throw NoEquals(keyword);
            if (keyword.Length == 0)
                throw RefusedException.Malformed(
                    "The connection string has an '=' without a keyword before it.",
                    "Write keyword=value, separated by blanks."
                );

            at++;
            SkipBlanks(text, ref at);
            var value = at < text.Length && text[at] == '\'' ? Quoted(text, keyword, ref at) : Plain(text, ref at);
            yield return new(keyword, value);
        }
    }

    /// <summary>The value, quoted for <see cref="Parse"/>.</summary>
    public static string Quote(string value)
    {
        if (value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or ':' or ','))
            return value;
        return "'" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
    }

    private static string Plain(string text, ref int at)
    {
        var value = new StringBuilder();
        while (at < text.Length && !IsBlank(text[at]))
            Append(text, value, ref at);
        return value.ToString();
    }

    private static string Quoted(string text, string keyword, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '\''; )
            Append(text, value, ref at);
        if (at == text.Length)
            throw RefusedException.Malformed(
                $"The quoted value of {Shown(keyword)} in the connection string is not terminated.",
                "End it with a single quote; write a quote inside as \\'."
            );
        at++;
        return value.ToString();
    }

    private static void Append(string text, StringBuilder value, ref int at)
    {
        if (text[at] == '\\')
            at++;
        if (at < text.Length)
            value.Append(text[at++]);
    }

    private static RefusedException NoEquals(string keyword) =>
        RefusedException.Malformed(
            ConninfoKeywords.Find(keyword) is null
                ? "The connection string has a word without an '=' after it."
                : $"The keyword '{keyword}' of the connection string has no '=' after it.",
            "Write keyword=value, separated by blanks, and put a value that contains blanks in single quotes."
        );

    private static string Shown(string keyword) => ConninfoKeywords.Find(keyword) is null ? "a keyword" : $"'{keyword}'";

    private static bool SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && IsBlank(text[at]))
            at++;
        return at < text.Length;
    }

    // The characters that C's isspace() accepts in the C locale; other Unicode blanks are part of the value.
    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');
}
