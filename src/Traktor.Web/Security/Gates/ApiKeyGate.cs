using Microsoft.AspNetCore.Http.Features;
using Traktor.Engine.Access;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Keys;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Security.Gates;

/// <summary>
/// Finds out who calls the REST API, by the API key or by the signature of another arbiter, with the key of its node;
/// the <see cref="Actor"/> is a feature of the request from then on. A viewer may use GET only, which changes nothing
/// in this API, and what is marked <see cref="ForEveryRole"/>. It runs after routing and before binding: the body of a
/// request without the key is not read. It covers every path under <see cref="Root"/>, unknown ones included, and every
/// endpoint with <see cref="NeedsApiKey"/>.
/// </summary>
public sealed class ApiKeyGate(
    RequestDelegate next,
    CallerKeys keys,
    WrongKeys wrongKeys,
    SignatureCheck signatures,
    ApiKeyGate.NoteRefusedCall note
)
{
    /// <summary>Records that a call was refused because of the actor's role; it does not throw.</summary>
    public delegate Task NoteRefusedCall(Actor actor, string call, string why);

    /// <summary>Where the REST API starts.</summary>
    public const string Root = "/v1";

    public Task InvokeAsync(HttpContext context)
    {
        var isGuarded =
            context.GetEndpoint()?.Metadata.GetMetadata<NeedsApiKey>() is not null
            || context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
        if (!isGuarded)
            return next(context);

        var key = keys.Find(context.Request.Headers[ApiKey.Header], context.Connection.RemoteIpAddress?.ToString());
        if (key.Actor is { } actor)
            return PassAsync(context, actor);
        if (!key.IsMissing)
            return wrongKeys.RefuseAsync(
                context,
                Problem.Of(
                    403,
                    $"The key in the header {ApiKey.Header} is not the API key of this arbiter, nor a valid key that an admin has made."
                )
            );
        return context.Request.Headers.TryGetValue(CallSignature.Header, out var signature)
            ? PassSignedAsync(context, signature.ToString())
            : Problem.Of(401, $"This call needs the API key of this arbiter in the header {ApiKey.Header}.").WriteAsync(context);
    }

    private async Task PassSignedAsync(HttpContext context, string signature)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var answer = await signatures.CheckAsync(signature, context.Request.Method, target, context.RequestAborted);
        if (answer is { Refusal: null, Actor: { } actor })
        {
            context.Features.Set(new SignedBody(answer.Body));
            actor = actor with { Channel = Channel.Arbiter, ViaNode = answer.Caller };
            context.Response.Headers[CallSignature.ProofHeader] = answer.Proof;
            await PassAsync(context, actor);
            return;
        }

        var problem = Problem.Of(StatusCodes.Status403Forbidden, answer.Refusal!, answer.Hint);
        await (answer.IsGuess ? wrongKeys.RefuseAsync(context, problem) : problem.WriteAsync(context));
    }

    private Task PassAsync(HttpContext context, Actor actor)
    {
        var isReading = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (actor.Role == Role.Viewer && !isReading && context.GetEndpoint()?.Metadata.GetMetadata<ForEveryRole>() is null)
            return RefuseViewerAsync(context, actor);
        context.Features.Set(actor);
        return next(context);
    }

    private Task RefuseViewerAsync(HttpContext context, Actor actor)
    {
        var why =
            actor.Kind == ActorKind.ConfiguredKey
                ? "The read-only key of this arbiter allows GET only."
                : $"The role viewer allows GET only, and {actor.Subject} has no other.";
        // The caller does not wait for it.
        _ = note(actor, $"{context.Request.Method} {context.Request.Path}", why);
        return Problem
            .Of(403, why, $"Send the APIKey of its arbiter.ini, or a key with the role operator or admin, in the header {ApiKey.Header}.")
            .WriteAsync(context);
    }
}
