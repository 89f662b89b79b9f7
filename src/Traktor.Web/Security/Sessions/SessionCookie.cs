using System.Globalization;
using Traktor.Web.Configuration;

namespace Traktor.Web.Security.Sessions;

/// <summary>
/// The cookie with a session's secret. Cookies are shared by all ports of a host, and several arbiters may run on one
/// host: node and port are part of its name. No script can read it, and it is not sent with requests from other sites.
/// </summary>
public sealed class SessionCookie(ArbiterConfiguration configuration)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = Named(configuration, "session");

    /// <summary>The name of a cookie of this arbiter.</summary>
    public static string Named(ArbiterConfiguration configuration, string purpose) =>
        string.Create(CultureInfo.InvariantCulture, $"traktor_{configuration.NodeID}_{configuration.APIAddress.Port}_{purpose}");

    public string? Read(HttpContext context) => context.Request.Cookies[Name];

    public void Write(HttpContext context, string secret) => context.Response.Cookies.Append(Name, secret, Options(context));

    public void Clear(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context));

    private static CookieOptions Options(HttpContext context) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
            IsEssential = true,
        };
}
