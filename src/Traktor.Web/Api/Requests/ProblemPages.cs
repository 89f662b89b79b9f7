using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Traktor.Engine;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// Turns whatever goes wrong into problem+json: refusals with their own words, the web server's bare statuses with a sentence, everything
/// unforeseen with a trace id only. An exception's text goes to the log's debug level at most: it may quote a connection string. Console
/// pages that are missing have a page of their own by then.
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
                    "PostgreSQL did not do this in time, or cannot be reached; the call can be repeated.",
                    "GET /v1/arbiter/status and /v1/arbiter/preflight say more."
                );
            default:
                var trace = Guid.NewGuid().ToString("N");
                FailedCall(log, context.Request.Method, context.Request.Path, trace, Trail(e));
                return Problem.Of(
                    StatusCodes.Status500InternalServerError,
                    "This is an error of the arbiter, not of the call.",
                    "Report it with the arbiter's log lines of this trace_id.",
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
                "See /docs for what this call takes."
            ),
            StatusCodes.Status413PayloadTooLarge => Problem.Of(
                413,
                BodyLimits.Sentence(context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
            ),
            StatusCodes.Status415UnsupportedMediaType => Problem.Of(
                415,
                $"The body came with {(string.IsNullOrWhiteSpace(context.Request.ContentType) ? "no" : "another")} Content-Type; this "
                    + "call takes JSON.",
                "Add the header 'Content-Type: application/json'."
            ),
            StatusCodes.Status404NotFound => Problem.Of(404, "There is no such path in this API.", "See /docs for its calls."),
            StatusCodes.Status408RequestTimeout => Problem.Of(408, "The body was not sent to its end in time."),
            StatusCodes.Status429TooManyRequests => Problem.Of(
                429,
                $"{LargeBodies.AtOnce} large bodies are being worked on at the same time, and none was finished in time for this one.",
                "Repeat the call, with fewer of them at once."
            ),
            StatusCodes.Status405MethodNotAllowed => Problem.Of(
                405,
                $"This path does not take {(context.Request.Method.Length > 16 ? "this method" : context.Request.Method)}; the header "
                    + "Allow says what it takes."
            ),
            _ => Problem.Of(status, ReasonPhrases.GetReasonPhrase(status) + "."),
        };

    // Where it happened, without any message: types and frames of the whole chain.
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
