using System.Text.RegularExpressions;

namespace Traktor.Engine.Postgres;

/// <summary>
/// Masks passwords in any text that may contain a connection string (libpq's keyword/value or URI form, or .NET's) or
/// an SQL statement, before it is logged, shown or returned. If the end of a password is unclear it masks too much
/// rather than too little.
/// </summary>
public static partial class Secrets
{
    public const string Mask = "***";

    private const string Keyword = @"\b(?:ssl|pg)?(?:password|passwd|pwd|oauth_client_secret|scram_client_key|scram_server_key)";

    // In an SQL literal the quotes of a connection string are doubled. libpq and JSON escape with a backslash, .NET
    // doubles: one or two quotes after backslashes are part of the password if another quote follows.
    private const string InLiteral = @"''(?:\\+''|\\+[^\\']|\\+'(?!')|(?!'')[^\\])*\\*''";
    private const string Quoted = @"'(?:[^'\\]|\\+(?!\\)'{0,2}|'')*(?:'|$)";
    private const string DoubleQuoted = @"""(?:[^""\\]|\\+(?!\\)""{0,2}|"""")*(?:""|$)";
    private const string AnyQuoted = $"{InLiteral}|{Quoted}|{DoubleQuoted}";

    // For libpq an unquoted value ends at a blank. For .NET it ends at a semicolon and may contain blanks: it is read
    // that way after a semicolon, or when a keyword follows one.
    private const string DotNet = @"[^;\r\n]*";
    private const string Plain = @"(?:\\.|[^\s\\])*\\?(?:[^;\r\n]*(?=;\s*\w[\w ]*=))?";

    private const string Assignment =
        $@"(?<before>(?<dotnet>;[ ]*(?:ssl[ ]+)?)?{Keyword}(?>\s*=\s*))(?:{AnyQuoted}|(?(dotnet){DotNet}|{Plain}))";

    // PASSWORD '…' of CREATE ROLE and "password": "…" of JSON.
    private const string BeforeQuotes = $@"(?<before>{Keyword}(?:\s+(?=')|""\s*:\s*(?="")))(?:{AnyQuoted})";

    public static string Redact(string text) =>
        Setting().Replace(UriPassword().Replace(text, "${before}" + Mask + "@"), "${before}" + Mask);

    // scheme://user:password@ up to the last '@' before a blank, because a password may contain '@'.
    [GeneratedRegex(@"(?<before>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)\S*@", RegexOptions.IgnoreCase)]
    private static partial Regex UriPassword();

    [GeneratedRegex($"{Assignment}|{BeforeQuotes}", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Setting();
}
