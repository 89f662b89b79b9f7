using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Traktor.Engine;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// Turns errors of the API into problem+json: refusals with their message, bare statuses of the web server with a
/// sentence, unexpected exceptions with a trace id only. The text of an exception is neither sent nor logged: it may
/// quote a connection string.
/// </summary>
public sealed partial class ProblemPages(RequestDelegate next, ILogger<ProblemPages> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (e is RefusedException { RetryAfter: { } wait })
                context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            if (Explain(context, e) is { } problem)
                await problem.WriteAsync(context);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            await Bare(context, context.Response.StatusCode).WriteAsync(context);
    }

    private Problem? Explain(HttpContext context, Exception e)
    {
        switch (e)
        {
            case RefusedException refused:
                return Problem.Of(refused);
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                return null;
            case BadHttpRequestException bad:
                return Bare(context, bad.StatusCode);
            case NpgsqlException or TimeoutException or OperationCanceledException:
                UnansweredCall(log, context.Request.Method, context.Request.Path, e.GetType().Name, (e as PostgresException)?.SqlState);
                return Problem.Of(
                    StatusCodes.Status503ServiceUnavailable,
                    "PostgreSQL did not answer in time, or cannot be reached. The call can be repeated.",
                    "See GET /v1/arbiter/status and GET /v1/arbiter/preflight."
                );
            default:
                var trace = Guid.NewGuid().ToString("N");
                FailedCall(log, context.Request.Method, context.Request.Path, trace, Trail(e));
                return Problem.Of(
                    StatusCodes.Status500InternalServerError,
                    "The arbiter has a defect.",
                    "Report it with the lines of the arbiter's log that have this trace_id.",
                    trace
                );
        }
    }

    private static Problem Bare(HttpContext context, int status) =>
        status switch
        {
            StatusCodes.Status400BadRequest => Problem.Of(
                400,
                "A value in the path or the query is of the wrong type, or the request is malformed.",
                "See /docs for the parameters of this call."
            ),
            StatusCodes.Status413PayloadTooLarge => Problem.Of(
                413,
                BodyLimits.Sentence(context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
            ),
            StatusCodes.Status415UnsupportedMediaType => Problem.Of(
                415,
                string.IsNullOrWhiteSpace(context.Request.ContentType)
                    ? "The body has no Content-Type."
                    : "The Content-Type of the body is not JSON.",
                "Add the header 'Content-Type: application/json'."
            ),
            StatusCodes.Status404NotFound => Problem.Of(404, "The path does not exist in this API.", "See /docs for its calls."),
            StatusCodes.Status408RequestTimeout => Problem.Of(408, "The body was not sent to its end in time."),
            StatusCodes.Status429TooManyRequests => Problem.Of(
                429,
                $"The arbiter is working on {LargeBodies.AtOnce} large bodies already, and none was finished in time for this one.",
                "Repeat the call, with fewer of them at once."
            ),
            StatusCodes.Status405MethodNotAllowed => Problem.Of(
                405,
                $"The path does not allow {(context.Request.Method.Length > 16 ? "this method" : context.Request.Method)}.",
                "The header Allow lists the methods."
            ),
            _ => Problem.Of(status, ReasonPhrases.GetReasonPhrase(status) + "."),
        };

    // Types and stack traces of the whole chain, without the messages.
    private static string Trail(Exception e) =>
        string.Join(" <- ", Chain(e).Select(x => $"{x.GetType().FullName}{Environment.NewLine}{x.StackTrace}"));

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }

    [LoggerMessage(3001, LogLevel.Error, "{Method} {Path} failed, trace_id {Trace}: {Trail}")]
    private static partial void FailedCall(ILogger log, string method, PathString path, string trace, string trail);

    [LoggerMessage(3002, LogLevel.Warning, "{Method} {Path} got no answer from PostgreSQL ({Kind} {SqlState})")]
    private static partial void UnansweredCall(ILogger log, string method, PathString path, string kind, string? sqlState);
}
