using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Web.Contracts.Status;

namespace Traktor.Web.Api.Status;

/// <summary>A <see cref="StatusAnswer"/> that is already serialised.</summary>
internal sealed class StatusResult(ReadOnlyMemory<byte> bytes) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(StatusAnswer), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        var sent = response.BodyWriter.WriteAsync(bytes, httpContext.RequestAborted);
        return sent.IsCompletedSuccessfully ? Task.CompletedTask : sent.AsTask();
    }
}
