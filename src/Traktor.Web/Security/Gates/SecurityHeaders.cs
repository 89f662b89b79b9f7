namespace Traktor.Web.Security.Gates;

/// <summary>
/// What browsers are told about the console's pages: everything comes from this arbiter, nobody frames it, nothing of
/// it is kept.
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>
    /// No script but our files, none in the page itself. Styles may stand in the page, because MudBlazor writes its
    /// theme as a style element and sizes as style attributes.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src "
        + "'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
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
