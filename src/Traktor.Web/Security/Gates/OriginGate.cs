using Traktor.Web.Configuration;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Refuses requests to the console from pages of other hosts: its circuits, their WebSockets, the sign-in. The REST API
/// needs no such check: it takes a key, which no other page's browser has, and no cookie.
/// </summary>
public sealed class OriginGate(RequestDelegate next, ArbiterConfiguration configuration)
{
    public Task InvokeAsync(HttpContext context) =>
        !ConsolePaths.IsConsole(context.Request.Path) || Origins.IsOurs(context.Request, configuration.PublicURL)
            ? next(context)
            : Problem
                .Of(
                    StatusCodes.Status403Forbidden,
                    "The request comes from a page of another host.",
                    "Open the console at its own address. Behind a proxy that changes the host, set PublicURL in arbiter.ini to "
                        + "that address."
                )
                .WriteAsync(context);
}
