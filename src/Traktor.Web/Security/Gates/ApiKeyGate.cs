using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Checks the API key of requests to the REST API. The read-only key allows GET only, which changes nothing in this
/// API. It runs after routing and before binding: the body of a request without the key is not read. It covers every
/// path under <see cref="Root"/>, unknown ones included, and every endpoint with <see cref="NeedsApiKey"/>.
/// </summary>
public sealed class ApiKeyGate(RequestDelegate next, ApiKey key, WrongKeys wrongKeys)
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
                    "The read-only key of this arbiter allows GET only.",
                    $"Send the APIKey of its arbiter.ini in the header {ApiKey.Header}."
                )
                .WriteAsync(context),
            ApiKeyAnswer.Missing => Problem
                .Of(401, $"This call needs the API key of this arbiter in the header {ApiKey.Header}.")
                .WriteAsync(context),
            _ => wrongKeys.RefuseAsync(
                context,
                Problem.Of(403, $"The key in the header {ApiKey.Header} is not the API key of this arbiter (APIKey in its arbiter.ini).")
            ),
        };
    }
}
