using Microsoft.AspNetCore.Http.Features;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Checks the API key of requests to the REST API, or the signature of another arbiter, which takes its place. The
/// read-only key allows GET only, which changes nothing in this API. It runs after routing and before binding: the body
/// of a request without the key is not read. It covers every path under <see cref="Root"/>, unknown ones included, and
/// every endpoint with <see cref="NeedsApiKey"/>.
/// </summary>
public sealed class ApiKeyGate(RequestDelegate next, ApiKey key, WrongKeys wrongKeys, SignatureCheck signatures)
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

        var answer = key.Check(context.Request.Headers[ApiKey.Header]);
        return answer == ApiKeyAnswer.Missing && context.Request.Headers.TryGetValue(CallSignature.Header, out var signature)
            ? PassSignedAsync(context, signature.ToString())
            : PassAsync(context, answer);
    }

    private Task PassSignedAsync(HttpContext context, string signature)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var answer = signatures.Check(signature, context.Request.Method, target);
        if (answer.Refusal is not { } refusal)
        {
            context.Features.Set(new SignedBody(answer.Body));
            context.Response.Headers[CallSignature.ProofHeader] = answer.Proof;
            return PassAsync(context, answer.Key);
        }

        var problem = Problem.Of(StatusCodes.Status403Forbidden, refusal, answer.Hint);
        return answer.IsGuess ? wrongKeys.RefuseAsync(context, problem) : problem.WriteAsync(context);
    }

    private Task PassAsync(HttpContext context, ApiKeyAnswer answer) =>
        answer switch
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
