using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;

namespace Traktor.Web.Api;

/// <summary>Columns that are to be written, as a body says them.</summary>
internal sealed record RowRequest(JsonElement Row) : IBindableFromHttpContext<RowRequest>, IEndpointParameterMetadataProvider
{
    private const int MaxDepth = 64;

    public static async ValueTask<RowRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = ResolutionRequest.MaxBytes;
        return Read(await JsonBody.ReadAsync(context.Request, MaxDepth));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(RowBody)));

    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static RowRequest Read(JsonElement? body)
    {
        const string Wanted = "Send {\"row\": {columns}}, as a merge by hand takes them.";
        if (body is not { } fields)
            throw RefusedException.Malformed("The body is missing.", Wanted);
        var read = new BodyFields(fields, "row");
        var row = read.Object("row", isNeeded: true);
        read.ThrowIfWrong(Wanted);
        return new RowRequest(row!.Value);
    }
}

/// <summary>Columns of a row.</summary>
/// <param name="Row">Each column's value, as JSON or as PostgreSQL's text of it.</param>
internal sealed record RowBody(JsonElement Row);
