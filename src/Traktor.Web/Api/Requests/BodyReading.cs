using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Traktor.Engine;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// Reads a body, and tells one that the caller sent wrongly from an error of ours. The web server has an exception of
/// its own for most broken bodies, but not for all: a chunk size that overflows, and a form that exceeds a limit,
/// arrive as the exceptions that files raise.
/// </summary>
internal static class BodyReading
{
    /// <exception cref="RefusedException">Malformed: the framing is broken, or the body was not sent to its
    /// end.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large, or was sent too slowly.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            // Where the next request begins is not known any more.
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
                context.Response.Headers.Connection = "close";
            throw new RefusedException(
                RefusalKind.Malformed,
                "The body cannot be read: it was not sent to its end, its chunks are malformed, or it is a form with too many or too long "
                    + "fields.",
                "Send it with a Content-Length, or with Transfer-Encoding: chunked as RFC 9112 describes it.",
                e
            );
        }
    }

    /// <summary>The whole body as UTF-8, without a byte order mark.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<ReadOnlyMemory<byte>> TextAsync(HttpContext context)
    {
        ReadOnlyMemory<byte> text = await BytesAsync(context);
        return text.Span.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
    }

    /// <summary>The whole body.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static Task<ArraySegment<byte>> BytesAsync(HttpContext context) =>
        context.Request.Body is MemoryStream read && read.TryGetBuffer(out var all)
            ? Task.FromResult(all)
            : ReadAsync(
                context,
                async () =>
                {
                    var longest = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? BodyLimits.Usual;
                    using var bytes = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, longest));
                    await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
                    return new ArraySegment<byte>(bytes.GetBuffer(), 0, (int)bytes.Length);
                }
            );

    private static bool IsUnreadable(Exception e) =>
        e switch
        {
            BadHttpRequestException bad => bad.StatusCode == StatusCodes.Status400BadRequest,
            OperationCanceledException => e.InnerException is ConnectionAbortedException,
            _ => e is IOException or InvalidDataException,
        };
}
