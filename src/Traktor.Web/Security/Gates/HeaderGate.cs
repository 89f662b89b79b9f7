using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Refuses headers that the web server accepts but that have no one meaning: a body whose end a proxy in front of this
/// arbiter could see elsewhere (<see href="https://www.rfc-editor.org/rfc/rfc9112#section-6.3"/>), and a host of which
/// no page's address can be made.
/// </summary>
public sealed class HeaderGate(RequestDelegate next)
{
    // Where the web server leaves a Content-Length that Transfer-Encoding overrides.
    private const string OverriddenLength = "X-Content-Length";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (WhyFramingIsRefused(request.Headers) is { } reason)
        {
            // What follows on this connection may be the rest of the body.
            context.Response.Headers.Connection = "close";
            return Problem.Of(StatusCodes.Status400BadRequest, reason).WriteAsync(context);
        }

        return ConsolePaths.IsConsole(request.Path) && !Uri.TryCreate($"{request.Scheme}://{request.Host}/", UriKind.Absolute, out _)
            ? Problem
                .Of(StatusCodes.Status400BadRequest, "The header Host is not a host name or IP address with an optional port.")
                .WriteAsync(context)
            : next(context);
    }

    private static string? WhyFramingIsRefused(IHeaderDictionary headers)
    {
        if (headers.TransferEncoding.Count == 0)
            return null;
        if (headers.ContainsKey(OverriddenLength))
            return "The request has both Content-Length and Transfer-Encoding; send one of them.";
        return string.Equals(headers.TransferEncoding.ToString(), "chunked", StringComparison.OrdinalIgnoreCase)
            ? null
            : "The Transfer-Encoding is not chunked alone; this server decodes no other transfer coding.";
    }
}
