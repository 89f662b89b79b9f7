using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Hosting;

/// <summary>
/// Adds a problem to the answers of requests that the web server rejects before the pipeline: a path with a NUL, a
/// malformed request line, headers that are too long. The server raises an event before it sends its bare answer
/// (<see href="https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/diagnostics"/>); valid requests
/// have no overhead.
/// </summary>
internal sealed class RejectedRequests : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The event's name.</summary>
    public const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (
            value.Key != Event
            || value.Value is not IFeatureCollection features
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || features.Get<IHttpResponseBodyFeature>() is not { } body
            || features.Get<IHttpRequestFeature>()?.Protocol is "HTTP/2" or "HTTP/3"
            || features.Get<IConnectionTransportFeature>() is not { Transport.Output: { } output }
        )
            return;
        var problem = Problem.Of(response.StatusCode, Sentence(response.StatusCode), "See /docs for the calls.");
        var text = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJsonOptions.Wire.Problem);
        response.Headers.ContentType = Problem.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Connection = "close";
        response.Headers.ContentLength = text.Length;
        // Once the response has started, the server does not change it. It has no body writer yet, but headers and text
        // go into the same buffer in this order; the server sends the buffer, so nothing here waits for the network.
        body.StartAsync().GetAwaiter().GetResult();
        output.Write(text);
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    private static string Sentence(int status) =>
        status switch
        {
            StatusCodes.Status400BadRequest =>
                "The request is malformed: its path has a NUL or is not well-formed, or its request line or a header is not valid.",
            StatusCodes.Status408RequestTimeout => "The request was not complete in time.",
            StatusCodes.Status413PayloadTooLarge => BodyLimits.Sentence(null),
            StatusCodes.Status414UriTooLong => "The path is too long.",
            StatusCodes.Status431RequestHeaderFieldsTooLarge => "The headers are too long.",
            _ => "The web server rejected the request.",
        };
}
