namespace Traktor.Web.Security.Gates;

/// <summary>
/// The security headers. Of all answers over TLS: browsers use nothing else for this host from then on. Of the
/// console's pages: everything comes from this arbiter, no page is framed, none is cached.
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>
    /// Scripts only from files of this arbiter, none inline. Inline styles are allowed, because MudBlazor writes its
    /// theme as a style element and sizes as style attributes.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src "
        + "'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>
    /// A year, for this host and not those below it. See <see href="https://www.rfc-editor.org/rfc/rfc6797"/>.
    /// </summary>
    public const string OnlyTls = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // A trusted proxy's word counts too. Browsers ignore the header where they do not trust the certificate.
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = OnlyTls;
        if (ConsolePaths.IsConsole(context.Request.Path))
        {
            headers.ContentSecurityPolicy = Policy;
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            context.Response.OnStarting(
                static state =>
                {
                    var response = (HttpResponse)state;
                    if (response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
                        response.Headers.CacheControl = "no-store";
                    return Task.CompletedTask;
                },
                context.Response
            );
        }

        return next(context);
    }
}
