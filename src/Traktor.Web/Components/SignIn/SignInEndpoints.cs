using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Traktor.Engine;
using Traktor.Web.Api.Requests;
using Traktor.Web.Configuration;
using Traktor.Web.Security.Sessions;

namespace Traktor.Web.Components.SignIn;

/// <summary>Sign-in and sign-out: plain forms, which need no script.</summary>
internal static class SignInEndpoints
{
    public const string SignOutPath = "/sign-out";

    /// <summary>The form field with the antiforgery token.</summary>
    public const string TokenField = "form-token";

    private const string StalePage = "The page has expired. Try again.";

    public static void MapSignIn(this WebApplication app, bool hasOpenId)
    {
        var open = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        open.MapGet(
            ReturnPath.SignInPath,
            (HttpContext context, IAntiforgery antiforgery, ArbiterConfiguration configuration, SignInCheck check) =>
                Page(
                    context,
                    antiforgery,
                    configuration,
                    check,
                    context.Request.Query["return"],
                    context.Request.Query["link"],
                    OpenIdSignIn.Explain(context.Request.Query[OpenIdSignIn.Reason])
                )
        );
        // The handlers check the tokens themselves: a wrong token shows the page again, not an empty answer.
        open.MapPost(ReturnPath.SignInPath, SignInAsync);
        open.MapPost(SignOutPath, SignOutAsync);
        if (hasOpenId)
            open.MapOpenId();
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context,
        IAntiforgery antiforgery,
        ArbiterConfiguration configuration,
        SignInSessions sessions,
        SessionCookie cookie,
        SignInCheck check,
        Arbiter arbiter
    )
    {
        if (!context.Request.HasFormContentType)
            return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        var form = await BodyReading.ReadAsync(context, () => context.Request.ReadFormAsync(context.RequestAborted));
        string? back = form["return"];
        if (!await antiforgery.IsRequestValidAsync(context))
            return Page(context, antiforgery, configuration, check, back, null, StalePage, StatusCodes.Status400BadRequest);
        var result = check.Check(form, context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (result.Wait > TimeSpan.Zero)
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(result.Wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (result.Actor is not { } actor)
        {
            _ = arbiter.NoteRefusedSignInAsync(result.Account, context.Connection.RemoteIpAddress?.ToString(), result.Error!);
            return Page(
                context,
                antiforgery,
                configuration,
                check,
                back,
                null,
                result.Error,
                result.Wait > TimeSpan.Zero ? StatusCodes.Status429TooManyRequests : StatusCodes.Status403Forbidden
            );
        }

        if (sessions.Find(cookie.Read(context)) is { } earlier)
            sessions.Close(earlier.Id);
        cookie.Write(context, sessions.Open(actor, result.Account));
        // Nobody waits for the audit log: signing in works while the server does not.
        _ = arbiter.NoteSignInAsync(actor);
        return TypedResults.LocalRedirect(ReturnPath.Safe(back));
    }

    private static async Task<IResult> SignOutAsync(
        HttpContext context,
        IAntiforgery antiforgery,
        SignInSessions sessions,
        SessionCookie cookie,
        Arbiter arbiter
    )
    {
        // Read first: the check would take a form that cannot be read for an error of ours.
        if (context.Request.HasFormContentType)
            await BodyReading.ReadAsync(context, () => context.Request.ReadFormAsync(context.RequestAborted));
        if (!await antiforgery.IsRequestValidAsync(context))
            return TypedResults.LocalRedirect("/");
        if (sessions.Find(cookie.Read(context)) is { } session)
        {
            sessions.Close(session.Id);
            _ = arbiter.NoteSignOutAsync(session.Actor);
        }

        cookie.Clear(context);
        return TypedResults.LocalRedirect(ReturnPath.SignInPath);
    }

    private static RazorComponentResult Page(
        HttpContext context,
        IAntiforgery antiforgery,
        ArbiterConfiguration configuration,
        SignInCheck check,
        string? back,
        string? link,
        string? error = null,
        int status = StatusCodes.Status200OK
    )
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        return new RazorComponentResult<SignInPage>(
            new
            {
                Node = configuration.NodeID,
                Back = ReturnPath.Safe(back),
                Link = link ?? "",
                check.HasUsers,
                OpenId = configuration.OpenId?.Authority.Host ?? "",
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
