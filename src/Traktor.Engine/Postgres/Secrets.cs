using System.Text.RegularExpressions;

namespace Traktor.Engine.Postgres;

/// <summary>
/// Masks passwords in any text that may hold a connection string, in libpq's keyword/value or URI form or in .NET's, before it is logged, shown or answered.
/// It rather masks too much: what follows such a keyword up to the end of its value is gone whatever it was.
/// </summary>
public static partial class Secrets
{
    public const string Mask = "***";

    public static string Redact(string text)
    {
        if (text.Length == 0)
            return text;
        text = UriPassword().Replace(text, "${before}" + Mask + "${after}");
        return Setting().Replace(text, "${keyword}" + Mask);
    }

    // scheme://user:password@ : greedy up to the last '@' before a blank or the path, since a password may hold an '@'.
    [GeneratedRegex(@"(?<before>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s]*(?<after>@)", RegexOptions.IgnoreCase)]
    private static partial Regex UriPassword();

    // keyword=value with blanks around '=', the value in quotes with escapes (an open quote takes all that follows), or up to a blank, ';' or '&'.
    [GeneratedRegex(@"(?<keyword>\b(?:ssl)?(?:password|pwd|passwd|oauth_client_secret|scram_(?:client|server)_key)\s*=\s*)(?:'(?:[^'\\]|\\.|'')*(?:'|$)|""(?:[^""]|"""")*(?:""|$)|(?:\\.|[^\s;&\\])*)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Setting();
}
