using Microsoft.AspNetCore.Authorization;
using Traktor.Engine.Access;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Lets a request to the console pass only with a session, unknown paths included; endpoints without a session have
/// <see cref="IAllowAnonymous"/>. Pages redirect to the sign-in page and back; background requests get a plain 401.
/// </summary>
public sealed class SessionGate(RequestDelegate next, SignInSessions sessions, SessionCookie cookie)
{
    public Task InvokeAsync(HttpContext context)
    {
        // The API's description shows nothing of this mesh, and is not an endpoint that could have the attribute.
        if (
            !ConsolePaths.IsConsole(context.Request.Path)
            || context.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase)
        )
            return next(context);
        if (sessions.Find(cookie.Read(context)) is { } session)
        {
            context.User = SessionPrincipal.Of(session.Id, session.Actor);
            context.Features.Set(session.Actor with { Channel = Channel.Console });
        }
        else if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
            return TurnAway(context);
        return next(context);
    }

    private static Task TurnAway(HttpContext context)
    {
        var isPage =
            HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            && !context.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase);
        if (isPage)
            context.Response.Redirect(ReturnPath.SignIn(context.Request.Path, context.Request.QueryString));
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        // Without a body ASP.NET would send the page for missing pages, which needs a session too.
        return isPage ? Task.CompletedTask : context.Response.WriteAsync("Sign in first.", context.RequestAborted);
    }
}
