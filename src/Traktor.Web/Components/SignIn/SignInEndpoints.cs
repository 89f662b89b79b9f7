using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine.Access;
using Traktor.Web.Api.Requests;
using Traktor.Web.Configuration;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Components.SignIn;

/// <summary>Sign-in and sign-out: plain forms, which need no script.</summary>
internal static class SignInEndpoints
{
    public const string SignOutPath = "/sign-out";

    /// <summary>The form field with the antiforgery token.</summary>
    public const string TokenField = "form-token";

    private const string StalePage = "The page has expired. Try again.";

    public static void MapSignIn(this WebApplication app)
    {
        var open = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        open.MapGet(
            ReturnPath.SignInPath,
            (HttpContext context, IAntiforgery antiforgery, ArbiterConfiguration configuration) =>
                Page(
                    context,
                    antiforgery,
                    configuration,
                    context.Request.Query["return"],
                    context.Request.Query["link"],
                    null,
                    StatusCodes.Status200OK
                )
        );
        // The handlers check the tokens themselves: a wrong token shows the page again, not an empty answer.
        open.MapPost(ReturnPath.SignInPath, SignInAsync);
        open.MapPost(SignOutPath, SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context,
        IAntiforgery antiforgery,
        ArbiterConfiguration configuration,
        ApiKey keys,
        SignInSessions sessions,
        SessionCookie cookie,
        KeyAttempts attempts,
        OneTimeLinks links
    )
    {
        if (!context.Request.HasFormContentType)
            return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        var form = await BodyReading.ReadAsync(context, () => context.Request.ReadFormAsync(context.RequestAborted));
        string? back = form["return"];
        string? link = form["link"];
        IResult Again(string error, int status) => Page(context, antiforgery, configuration, back, null, error, status);

        if (!await antiforgery.IsRequestValidAsync(context))
            return Again(StalePage, StatusCodes.Status400BadRequest);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (attempts.Begin(address) is { Ticks: > 0 } wait)
        {
            var seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Again(
                string.Create(CultureInfo.InvariantCulture, $"Too many attempts from your address. Try again in {seconds} s."),
                StatusCodes.Status429TooManyRequests
            );
        }

        Actor actor;
        if (!string.IsNullOrEmpty(link))
        {
            if (!links.Redeem(link))
                return Again("The link was used before or has expired. Sign in with the API key.", StatusCodes.Status403Forbidden);
            actor = Actor.OfOneTimeLink(address.ToString());
        }
        else if (keys.Check(form["key"]) is var answer and (ApiKeyAnswer.Right or ApiKeyAnswer.ReadOnly))
        {
            actor = Actor.OfConfiguredKey(answer == ApiKeyAnswer.ReadOnly, address.ToString());
        }
        else
        {
            return Again("This is not the API key of this arbiter.", StatusCodes.Status403Forbidden);
        }

        // The read-only key must not make room for guesses at the other.
        if (actor.Role == Role.Admin)
            attempts.Forget(address);
        else
            attempts.Withdraw(address);
        if (sessions.Find(cookie.Read(context)) is { } earlier)
            sessions.Close(earlier.Id);
        cookie.Write(context, sessions.Open(actor));
        return TypedResults.LocalRedirect(ReturnPath.Safe(back));
    }

    private static async Task<IResult> SignOutAsync(
        HttpContext context,
        IAntiforgery antiforgery,
        SignInSessions sessions,
        SessionCookie cookie
    )
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return TypedResults.LocalRedirect("/");
        if (sessions.Find(cookie.Read(context)) is { } session)
            sessions.Close(session.Id);
        cookie.Clear(context);
        return TypedResults.LocalRedirect(ReturnPath.SignInPath);
    }

    private static RazorComponentResult Page(
        HttpContext context,
        IAntiforgery antiforgery,
        ArbiterConfiguration configuration,
        string? back,
        string? link,
        string? error,
        int status
    )
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        return new RazorComponentResult<SignInPage>(
            new
            {
                Node = configuration.NodeID,
                Back = ReturnPath.Safe(back),
                Link = link ?? "",
                Error = error ?? "",
                TokenField = tokens.FormFieldName,
                Token = tokens.RequestToken ?? "",
            }
        )
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };
    }
}
