using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Traktor.Web.Api.Requests;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;

namespace Traktor.Web.Hosting;

/// <summary>
/// Gives a sentence to requests that the web server itself rejects before any of our code is asked: a path that holds a
/// NUL, a malformed request line, headers that are too long. The server tells of them in an event while its bare answer
/// is not sent yet (<see href="https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/diagnostics"/>);
/// requests that are well cost nothing.
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
        var problem = Problem.Of(response.StatusCode, Sentence(response.StatusCode), "Correct the request; /docs has the calls.");
        var text = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJsonOptions.Wire.Problem);
        response.Headers.ContentType = Problem.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Connection = "close";
        response.Headers.ContentLength = text.Length;
        // Once it has begun, the server leaves it as it is. There is no body's writer yet so early, but headers and
        // text go into the same buffer in this order; the server sends it, so nothing waits here for the network.
        body.StartAsync().GetAwaiter().GetResult();
        output.Write(text);
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    private static string Sentence(int status) =>
        status switch
        {
            StatusCodes.Status400BadRequest =>
                "The web server cannot read this request: its path holds a NUL or is not well-formed, or its first line or a header is "
                    + "malformed.",
            StatusCodes.Status408RequestTimeout => "The request was not sent to its end in time.",
            StatusCodes.Status413PayloadTooLarge => BodyLimits.Sentence(null),
            StatusCodes.Status414UriTooLong => "The path is too long.",
            StatusCodes.Status431RequestHeaderFieldsTooLarge => "The headers are too long.",
            _ => "The web server rejected this request before the API was asked.",
        };
}
