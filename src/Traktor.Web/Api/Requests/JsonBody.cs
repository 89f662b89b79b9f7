using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Api.Requests;

/// <summary>
/// A call's JSON body, bound to its contract. ASP.NET's own binding stops at the first mistake and reports .NET types
/// and byte positions; this one names every field that is missing, unknown or of another type
/// (<see cref="BodyMistakes"/>). Routing, limits, reading and validation are those of ASP.NET and .NET.
/// </summary>
/// <param name="found">What was sent; null without a body.</param>
internal sealed class JsonBody<T>(T? found) : IBindableFromHttpContext<JsonBody<T>>, IEndpointParameterMetadataProvider
    where T : class, IRequest
{
    private static readonly JsonTypeInfo<T> Contract = (JsonTypeInfo<T>)ApiJsonOptions.Wire.Options.GetTypeInfo(typeof(T));

    /// <summary>What was sent; null without a body.</summary>
    public T? Found => found;

    /// <summary>What was sent.</summary>
    /// <exception cref="RefusedException">There was no body.</exception>
    public T Value => found ?? throw RefusedException.Malformed("The body is missing.", T.Wanted);

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return new JsonBody<T>(null);
        if (!context.Request.HasJsonContentType())
            throw new BadHttpRequestException("No JSON.", StatusCodes.Status415UnsupportedMediaType);
        if (LargeBodies.MayBeLarge(context))
            context.Response.RegisterForDispose(
                await context.RequestServices.GetRequiredService<LargeBodies>().EnterAsync(context.RequestAborted)
            );
        try
        {
            // Not parsed from the stream: that takes buffers as large as the body from a pool, which would keep them.
            var text = await BodyReading.TextAsync(context);
            using var body = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = T.MaxDepth });
            return new JsonBody<T>(Read(body.RootElement));
        }
        catch (JsonException e)
        {
            throw new RefusedException(
                RefusalKind.Malformed,
                $"The body is not valid JSON: see line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.",
                T.Wanted,
                e
            );
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), T.IsOptional));

    /// <summary>Reads the contract from a body's JSON.</summary>
    /// <exception cref="RefusedException">Malformed, with everything that is wrong.</exception>
    public static T Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw RefusedException.Malformed($"The body must be a JSON object, not {BodyMistakes.Words(body.ValueKind)}.", T.Wanted);
        List<string> mistakes = [.. BodyMistakes.Of(body, Contract)];
        var value = mistakes.Count == 0 ? body.Deserialize(Contract) : null;
        if (value is not null)
            mistakes.AddRange(Validate(value));
        return value is not null && mistakes.Count == 0
            ? value
            : throw RefusedException.Malformed($"The body is invalid: {string.Join("; ", mistakes)}.", T.Wanted);
    }

    private static IEnumerable<string> Validate(T value)
    {
        var results = new List<ValidationResult>();
        var context = new ValidationContext(value, value.GetType().Name, null, null);
        Validator.TryValidateObject(value, context, results, validateAllProperties: true);
        return results.Select(result => result.ErrorMessage!);
    }
}
