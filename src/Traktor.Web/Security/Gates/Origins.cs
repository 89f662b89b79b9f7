namespace Traktor.Web.Security.Gates;

/// <summary>
/// Tells requests of this arbiter's pages from those of others. A browser sends the cookie with requests from pages of
/// other ports of the host, too, and the same-origin policy does not cover WebSockets.
/// </summary>
internal static class Origins
{
    /// <summary>
    /// Whether a request comes from a page of this arbiter, or of no page: from the host that it was sent to, or from
    /// that of PublicURL, when a proxy in front changes the host.
    /// </summary>
    public static bool IsOurs(HttpRequest request, Uri publicUrl)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
            return true;
        // The scheme is the page's: a proxy may have ended TLS. It also says which port may be left out.
        return Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && from.Scheme is "http" or "https"
            && (IsAt(from, $"{from.Scheme}://{request.Host}") || IsAt(from, publicUrl.GetLeftPart(UriPartial.Authority)));
    }

    private static bool IsAt(Uri from, string host) =>
        Uri.TryCreate(host, UriKind.Absolute, out var at) && from.GetLeftPart(UriPartial.Authority) == at.GetLeftPart(UriPartial.Authority);
}
