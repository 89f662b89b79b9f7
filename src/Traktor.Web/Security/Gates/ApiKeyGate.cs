using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Lets a request to the REST API pass only with the key; with the read-only key only GET passes, which changes nothing
/// anywhere in this API. It stands after routing and before binding: nothing of a request without the key is read.
/// Everything under <see cref="Root"/> is behind it, unknown paths too, and every endpoint that carries
/// <see cref="NeedsApiKey"/>.
/// </summary>
public sealed class ApiKeyGate(RequestDelegate next, ApiKey key)
{
    /// <summary>Where the REST API starts.</summary>
    public const string Root = "/v1";

    public Task InvokeAsync(HttpContext context)
    {
        var isGuarded =
            context.GetEndpoint()?.Metadata.GetMetadata<NeedsApiKey>() is not null
            || context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
        if (!isGuarded)
            return next(context);

        return key.Check(context.Request.Headers[ApiKey.Header]) switch
        {
            ApiKeyAnswer.Right => next(context),
            ApiKeyAnswer.ReadOnly when HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) => next(
                context
            ),
            ApiKeyAnswer.ReadOnly => Problem
                .Of(
                    403,
                    "This is the read-only key of this arbiter: it sees everything and changes nothing.",
                    $"Send the APIKey of its arbiter.ini in the header {ApiKey.Header}."
                )
                .WriteAsync(context),
            ApiKeyAnswer.Missing => Problem
                .Of(401, $"This call needs the API key of this arbiter in the header {ApiKey.Header}.")
                .WriteAsync(context),
            _ => Problem
                .Of(403, $"The key in the header {ApiKey.Header} is not the API key of this arbiter (APIKey in its arbiter.ini).")
                .WriteAsync(context),
        };
    }
}
