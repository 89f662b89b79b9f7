using System.Text.Json;
using Traktor.Engine;

namespace Traktor.Web.Api;

/// <summary>Reads the JSON object in a request's body and says, field by field, what is wrong with it.</summary>
public static class JsonBody
{
    /// <summary>Largest body that is read, in bytes (413 above).</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The body's object, or null when there is none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxDepth">How deep its values may be nested.</param>
    /// <exception cref="ProblemException">Not JSON by its Content-Type (415).</exception>
    /// <exception cref="RefusedException">Not a JSON object.</exception>
    public static async Task<JsonElement?> ReadAsync(HttpRequest request, int maxDepth = 8)
    {
        // The length says whether there is a body; a chunked one (no length) has to be looked at.
        if (
            request.ContentLength is 0
            || (
                request.ContentLength is null
                && !request.Headers.ContainsKey("Transfer-Encoding")
                && HttpProtocol.IsHttp11(request.Protocol)
            )
        )
            return null;

        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        if (bytes.Length == 0)
            return null;
        if (!request.HasJsonContentType())
        {
            var sent = string.IsNullOrWhiteSpace(request.ContentType) ? "no Content-Type" : "another Content-Type";
            throw new ProblemException(
                Problem.Of(
                    StatusCodes.Status415UnsupportedMediaType,
                    $"The body came with {sent}; this call takes JSON.",
                    "Add the header 'Content-Type: application/json'."
                )
            );
        }

        try
        {
            using var document = JsonDocument.Parse(
                bytes.GetBuffer().AsMemory(0, (int)bytes.Length),
                new JsonDocumentOptions { MaxDepth = maxDepth }
            );
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw RefusedException.Malformed($"The body must be a JSON object, and is {Words(document.RootElement.ValueKind)}.");
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new RefusedException(
                RefusalKind.Malformed,
                $"The body is not valid JSON: see line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.",
                cause: e
            );
        }
    }

    /// <summary>A JSON value's kind in words.</summary>
    public static string Words(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "a boolean",
            _ => "null",
        };
}
