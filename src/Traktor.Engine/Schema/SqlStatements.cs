using System.Text.RegularExpressions;

namespace Traktor.Engine.Schema;

/// <summary>A statement of a script.</summary>
/// <param name="Line">The line of the script where it begins, from 1.</param>
/// <param name="Text">The statement, without the semicolon.</param>
internal sealed record SqlStatement(int Line, string Text)
{
    /// <summary>The line of the script with a character of the statement.</summary>
    /// <param name="position">The character's number from 1, as PostgreSQL reports it with an error; 0 for
    /// none.</param>
    public int LineOf(int position) => Line + Text.AsSpan(0, Math.Clamp(position - 1, 0, Text.Length)).Count('\n');
}

/// <summary>
/// Splits Traktor's own scripts into statements, because PostgreSQL reports an error's position within its statement,
/// and the driver does not say which of several statements it was.
/// </summary>
internal static partial class SqlStatements
{
    public static IEnumerable<SqlStatement> Split(string script)
    {
        int? start = null;
        for (var at = 0; at < script.Length; )
        {
            if (script[at] == ';')
            {
                if (start is { } from)
                    yield return Statement(script, from, at);
                start = null;
                at++;
            }
            else if (Comment().Match(script, at) is { Success: true } comment)
            {
                at += comment.Length;
            }
            else
            {
                if (!char.IsWhiteSpace(script[at]))
                    start ??= at;
                at = Quoted().Match(script, at) is { Success: true } quoted ? at + quoted.Length : at + 1;
            }
        }

        if (start is { } last)
            yield return Statement(script, last, script.Length);
    }

    private static SqlStatement Statement(string script, int start, int end) =>
        new(1 + script.AsSpan(0, start).Count('\n'), script[start..end].TrimEnd());

    [GeneratedRegex(@"\G--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex("""\G(?:'[^']*'|"[^"]*"|\$(\w*)\$.*?\$\1\$)""", RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
