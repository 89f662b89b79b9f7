using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Web.Configuration;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Components.SignIn;

/// <summary>
/// Signing in through an OpenID provider: the code flow with PKCE, by ASP.NET's handler. The session is one of this
/// console, like any other; nothing of the provider's is kept.
/// </summary>
internal static partial class OpenIdSignIn
{
    /// <summary>Where the button of the sign-in page leads.</summary>
    public const string Path = ReturnPath.SignInPath + "/openid";

    /// <summary>Where the provider sends the user back.</summary>
    public const string CallbackPath = Path + "/callback";

    /// <summary>The query of the sign-in page that says why a sign-in through the provider failed.</summary>
    public const string Reason = "openid";

    private const string Scheme = "OpenIdConnect";
    private const string NoScheme = "none";
    private const string Failed = "failed";
    private const string NoRole = "no-role";
    private const string Unreachable = "unreachable";

    public static void AddOpenId(this WebApplicationBuilder builder, OpenIdSettings settings) =>
        builder
            // No scheme authenticates requests: SessionGate does. ASP.NET would take the only one there is.
            .Services.AddAuthentication(authentication => authentication.DefaultAuthenticateScheme = NoScheme)
            .AddOpenIdConnect(
                Scheme,
                openId =>
                {
                    openId.Authority = settings.Authority.ToString();
                    openId.RequireHttpsMetadata = settings.Authority.Scheme == Uri.UriSchemeHttps;
                    openId.ClientId = settings.ClientId;
                    openId.ClientSecret = settings.ClientSecret;
                    openId.ResponseType = OpenIdConnectResponseType.Code;
                    // The cookies of the flow then come back without SameSite=None, which needs TLS.
                    openId.ResponseMode = OpenIdConnectResponseMode.Query;
                    openId.NonceCookie.SameSite = SameSiteMode.Lax;
                    openId.CorrelationCookie.SameSite = SameSiteMode.Lax;
                    openId.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                    openId.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                    openId.UsePkce = true;
                    openId.MapInboundClaims = false;
                    openId.CallbackPath = CallbackPath;
                    // Never used: a session is opened instead.
                    openId.SignInScheme = NoScheme;
                    openId.Events.OnTicketReceived = context => OpenSessionAsync(context, settings);
                    openId.Events.OnRemoteFailure = context =>
                    {
                        LogFailed(LogOf(context.HttpContext), context.Failure?.GetType().Name ?? "");
                        context.HandleResponse();
                        context.Response.Redirect(Again(Failed));
                        return Task.CompletedTask;
                    };
                }
            );

    public static void MapOpenId(this IEndpointRouteBuilder open) => open.MapGet(Path, ChallengeAsync);

    /// <summary>What to say on the sign-in page; null when nothing failed.</summary>
    public static string? Explain(string? reason) =>
        reason switch
        {
            Failed => "The sign-in failed. Try again; the arbiter's log has the reason.",
            NoRole => "None of your groups has a role here. Ask an administrator of this mesh.",
            Unreachable => "The OpenID provider cannot be reached. Try again, or sign in another way.",
            _ => null,
        };

    private static string Again(string reason) => $"{ReturnPath.SignInPath}?{Reason}={reason}";

    private static async Task ChallengeAsync(HttpContext context)
    {
        try
        {
            var back = ReturnPath.Safe(context.Request.Query["return"]);
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = back });
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            // The handler reads the provider's description when it needs it first.
            LogUnreachable(LogOf(context), e.GetType().Name);
            context.Response.Redirect(Again(Unreachable));
        }
    }

    private static Task OpenSessionAsync(TicketReceivedContext context, OpenIdSettings settings)
    {
        context.HandleResponse();
        var user = context.Principal ?? new ClaimsPrincipal();
        var name = user.FindFirstValue("preferred_username") ?? user.FindFirstValue("email") ?? user.FindFirstValue("sub");
        var role = settings.RoleOf(user.FindAll(settings.GroupsClaim).Select(claim => claim.Value));
        if (role is null || string.IsNullOrEmpty(name))
        {
            context.Response.Redirect(Again(NoRole));
            return Task.CompletedTask;
        }

        var address = context.HttpContext.Connection.RemoteIpAddress?.ToString();
        var actor = new Actor(ActorKind.OpenIdUser, name[..Math.Min(name.Length, Actor.LongestName)], role.Value, address);
        var services = context.HttpContext.RequestServices;
        var (sessions, cookie) = (services.GetRequiredService<SignInSessions>(), services.GetRequiredService<SessionCookie>());
        if (sessions.Find(cookie.Read(context.HttpContext)) is { } earlier)
            sessions.Close(earlier.Id);
        cookie.Write(context.HttpContext, sessions.Open(actor, isLimited: true));
        _ = services.GetRequiredService<Arbiter>().NoteSignInAsync(actor);
        // A redirect would still be one from the provider's site, and the cookie is not sent with those.
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            "<!DOCTYPE html><html lang=\"en\"><title>Signed in</title><meta http-equiv=\"refresh\" content=\"0;url="
                + System.Text.Encodings.Web.HtmlEncoder.Default.Encode(ReturnPath.Safe(context.ReturnUri))
                + "\"><p><a href=\"/\">Continue</a></p></html>",
            context.HttpContext.RequestAborted
        );
    }

    private static ILogger LogOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OpenIdSignIn).FullName!);

    [LoggerMessage(660, LogLevel.Warning, "A sign-in through the OpenID provider failed ({Kind})")]
    private static partial void LogFailed(ILogger log, string kind);

    [LoggerMessage(661, LogLevel.Warning, "The OpenID provider cannot be reached ({Kind})")]
    private static partial void LogUnreachable(ILogger log, string kind);
}
