namespace Traktor.Web.Security.Sessions;

/// <summary>The page to return to after the sign-in. Only paths of this console are accepted.</summary>
public static class ReturnPath
{
    /// <summary>The sign-in page's address.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>The sign-in page that leads back to a path.</summary>
    public static string SignIn(PathString path, QueryString query)
    {
        var wanted = path.ToUriComponent() + query.ToUriComponent();
        return wanted is "" or "/" ? SignInPath : $"{SignInPath}?return={Uri.EscapeDataString(wanted)}";
    }

    /// <summary>
    /// The path to go to: <paramref name="wanted"/> when it leads to this console and nowhere else, the start page
    /// otherwise. In ASCII, because it becomes a header: other characters are percent-encoded.
    /// </summary>
    public static string Safe(string? wanted)
    {
        // "//host" and "/\host" lead to other hosts; browsers drop control characters before they look.
        var isOurs =
            wanted is { Length: > 0 and <= 2000 }
            && wanted[0] == '/'
            && (wanted.Length == 1 || wanted[1] is not ('/' or '\\'))
            && !wanted.Any(char.IsControl);
        return isOurs && !wanted!.StartsWith(SignInPath, StringComparison.OrdinalIgnoreCase) ? Ascii(wanted) : "/";
    }

    private static string Ascii(string path) =>
        System.Text.Ascii.IsValid(path)
            ? path
            : string.Concat(path.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
}
