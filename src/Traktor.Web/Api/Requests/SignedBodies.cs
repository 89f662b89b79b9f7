using Microsoft.AspNetCore.Http.Features;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Problems;
using Traktor.Web.Security.Signatures;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// Compares the body of a signed call with the one that was signed, before anything is done with it. Only callers with
/// the key get here, and the limits of the call apply.
/// </summary>
internal sealed class SignedBodies(RequestDelegate next, LargeBodies large)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<SignedBody>() is { } signed && CallSignature.HashOf(await ReadAsync(context)) != signed.Hash)
            await Problem
                .Of(
                    StatusCodes.Status403Forbidden,
                    "The body of the call is not the one that was signed.",
                    "A proxy between the arbiters must not change bodies."
                )
                .WriteAsync(context);
        else
            await next(context);
    }

    private async Task<ArraySegment<byte>> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return [];
        if (LargeBodies.MayBeLarge(context))
            context.Response.RegisterForDispose(await large.EnterAsync(context.RequestAborted));
        var body = await BodyReading.BytesAsync(context);
        context.Request.Body = new MemoryStream(body.Array!, body.Offset, body.Count, writable: false, publiclyVisible: true);
        return body;
    }
}
