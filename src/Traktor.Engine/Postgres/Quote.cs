namespace Traktor.Engine.Postgres;

/// <summary>
/// Quoting for statements without parameters (publications, subscriptions, ALTER …): the only place where text becomes
/// SQL. See <see href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html"/>.
/// </summary>
public static class Quote
{
    /// <summary>
    /// A quoted identifier. Throws <see cref="RefusedException"/> for an empty one or one with a NUL, which PostgreSQL
    /// does not allow.
    /// </summary>
    public static string Identifier(string name)
    {
        Check(name);
        if (name.Length == 0)
            throw RefusedException.Malformed("An identifier must not be empty.");
        return "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    /// <summary>
    /// A string literal. Backslashes are written in an escape string, so that it does not depend on
    /// <c>standard_conforming_strings</c>.
    /// </summary>
    public static string Literal(string value)
    {
        Check(value);
        var quoted = "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";
        return value.Contains('\\', StringComparison.Ordinal) ? " E" + quoted.Replace("\\", "\\\\", StringComparison.Ordinal) : quoted;
    }

    /// <summary>
    /// Whether every surrogate is part of a pair; otherwise the text cannot be sent to PostgreSQL as UTF-8.
    /// </summary>
    internal static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
                continue;
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return false;
            at++;
        }

        return true;
    }

    private static void Check(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw RefusedException.Malformed("A NUL character cannot be part of a name or a value in PostgreSQL.");
        if (!IsWellFormed(text))
            throw RefusedException.Malformed("Half of a surrogate pair is not a character and cannot be part of a name or a value.");
    }
}
