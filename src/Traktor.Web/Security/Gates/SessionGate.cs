using Microsoft.AspNetCore.Authorization;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Lets a request to the console pass only when somebody is signed in, unknown paths included; what is open to
/// everybody says so by <see cref="IAllowAnonymous"/>. Pages lead to the sign-in page and from there back; what a page
/// asks for in the background gets a plain 401.
/// </summary>
public sealed class SessionGate(RequestDelegate next, SignInSessions sessions, SessionCookie cookie)
{
    public Task InvokeAsync(HttpContext context)
    {
        // The API's description holds nothing of this mesh, and is not an endpoint that could say so itself.
        if (
            !ConsolePaths.IsConsole(context.Request.Path)
            || context.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase)
        )
            return next(context);
        if (sessions.Find(cookie.Read(context)) is { } session)
            context.User = SessionPrincipal.Of(session.Id, session.Role);
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
        // Without a body the page for missing pages would be sent, which needs signing in too.
        return isPage ? Task.CompletedTask : context.Response.WriteAsync("Sign in first.", context.RequestAborted);
    }
}
