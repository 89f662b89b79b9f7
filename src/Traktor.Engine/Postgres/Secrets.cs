using System.Text.RegularExpressions;

namespace Traktor.Engine.Postgres;

/// <summary>
/// Masks passwords in any text that may hold a connection string, in libpq's keyword/value or URI form, in .NET's, or
/// inside an SQL statement, before it is logged, shown or answered. Where the end of a password is in doubt it rather
/// masks too much.
/// </summary>
public static partial class Secrets
{
    public const string Mask = "***";

    private const string Keyword = @"\b(?:ssl|pg)?(?:password|passwd|pwd|oauth_client_secret|scram_client_key|scram_server_key)";

    // In an SQL literal the quotes of a connection string are doubled. libpq and JSON escape with a backslash, .NET
    // doubles: a quote or two after backslashes belong to the password as long as another quote follows.
    private const string InLiteral = @"''(?:\\+''|\\+[^\\']|\\+'(?!')|(?!'')[^\\])*\\*''";
    private const string Quoted = @"'(?:[^'\\]|\\+(?!\\)'{0,2}|'')*(?:'|$)";
    private const string DoubleQuoted = @"""(?:[^""\\]|\\+(?!\\)""{0,2}|"""")*(?:""|$)";
    private const string AnyQuoted = $"{InLiteral}|{Quoted}|{DoubleQuoted}";

    // An unquoted value ends at a blank for libpq. For .NET it ends at a semicolon and may hold blanks: so it is read
    // after a semicolon, or when a keyword follows one.
    private const string DotNet = @"[^;\r\n]*";
    private const string Plain = @"(?:\\.|[^\s\\])*\\?(?:[^;\r\n]*(?=;\s*\w[\w ]*=))?";

    public static string Redact(string text) =>
        Setting().Replace(UriPassword().Replace(text, "${before}" + Mask + "@"), "${before}" + Mask);

    // scheme://user:password@ up to the last '@' before a blank, since a password may hold one.
    [GeneratedRegex(@"(?<before>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)\S*@", RegexOptions.IgnoreCase)]
    private static partial Regex UriPassword();

    // keyword = value; and PASSWORD '…' of CREATE ROLE and "password": "…" of JSON, which are always quoted.
    [GeneratedRegex(
        $@"(?<before>(?<dotnet>;[ ]*(?:ssl[ ]+)?)?{Keyword}(?>\s*=\s*))(?:{AnyQuoted}|(?(dotnet){DotNet}|{Plain}))|(?<before>{Keyword}(?:\s+(?=')|""\s*:\s*(?="")))(?:{AnyQuoted})",
        RegexOptions.IgnoreCase | RegexOptions.Singleline
    )]
    private static partial Regex Setting();
}
