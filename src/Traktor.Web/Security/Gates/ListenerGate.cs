using System.Security.Claims;
using Traktor.Web.Configuration;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Lets a request to a hub pass with an API key, the read-only one included, because hubs only send; or with a console
/// session. A browser cannot send headers with a WebSocket, so the key may also be sent as SignalR clients send a
/// token: as a bearer token, or in the query, from which it is removed before anything can log it.
/// </summary>
public sealed class ListenerGate(
    RequestDelegate next,
    CallerKeys keys,
    WrongKeys wrongKeys,
    SignInSessions sessions,
    SessionCookie cookie,
    ArbiterConfiguration configuration
)
{
    /// <summary>The path of the hubs.</summary>
    public const string Root = "/hubs";

    private const string Token = "access_token";

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase))
            return next(context);
        var key = keys.Find(Sent(context.Request), context.Connection.RemoteIpAddress?.ToString());
        if (context.Request.Query.ContainsKey(Token))
            context.Request.Query = new QueryCollection(context.Request.Query.Where(pair => pair.Key != Token).ToDictionary());
        if (key.Actor is not null)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity("Key"));
            return next(context);
        }

        if (!key.IsMissing)
            return wrongKeys.RefuseAsync(
                context,
                Problem.Of(403, "The key is not the API key of this arbiter, nor a valid key that an admin has made.")
            );
        if (!Origins.IsOurs(context.Request, configuration.PublicURL) || sessions.Find(cookie.Read(context)) is not { } session)
            return Problem
                .Of(401, $"This hub needs the API key of this arbiter in the header {ApiKey.Header}, or a session of its console.")
                .WriteAsync(context);
        context.User = SessionPrincipal.Of(session.Id, session.Actor);
        return next(context);
    }

    private static Microsoft.Extensions.Primitives.StringValues Sent(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        if (request.Headers.TryGetValue(ApiKey.Header, out var header))
            return header;
        return request.Headers.Authorization.ToString() is var sent && sent.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? sent[Bearer.Length..]
            : request.Query[Token];
    }
}
