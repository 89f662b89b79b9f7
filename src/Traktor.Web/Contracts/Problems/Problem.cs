using Microsoft.AspNetCore.WebUtilities;
using Traktor.Engine;

namespace Traktor.Web.Contracts.Problems;

/// <summary>An error of a call, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Type">Always <c>about:blank</c>: the status says the kind.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Hint">What to do: a sentence or a statement to run; null when the detail says it all.</param>
/// <param name="TraceId">Only for status 500: the id under which the arbiter's log has the details.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string? Hint, string? TraceId)
{
    public const string ContentType = "application/problem+json";

    /// <summary>Lets the OpenAPI document list the answer 404 of a call.</summary>
    internal static ProducesResponseTypeMetadata NotFoundMetadata { get; } =
        new(StatusCodes.Status404NotFound, typeof(Problem), [ContentType]);

    public static Problem Of(int status, string detail, string? hint = null, string? traceId = null) =>
        new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, hint, traceId);

    public static Problem Of(RefusedException refused) => Of(StatusOf(refused.Kind), refused.Message, refused.Hint);

    public static int StatusOf(RefusalKind kind) =>
        kind switch
        {
            RefusalKind.Malformed => StatusCodes.Status400BadRequest,
            RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
            RefusalKind.NotFound => StatusCodes.Status404NotFound,
            RefusalKind.Conflict => StatusCodes.Status409Conflict,
            RefusalKind.Preflight => StatusCodes.Status422UnprocessableEntity,
            RefusalKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            RefusalKind.TooManyAttempts => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status500InternalServerError,
        };
}
