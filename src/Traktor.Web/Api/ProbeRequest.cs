using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;

namespace Traktor.Web.Api;

/// <summary>A connection string to try.</summary>
/// <param name="ConnectionString">A libpq connection string, keyword/value or URI form.</param>
internal sealed record ProbeRequest(string ConnectionString) : IBindableFromHttpContext<ProbeRequest>, IEndpointParameterMetadataProvider
{
    private const string Wanted = "Send {\"connection_string\": \"<libpq connection string>\"}.";
    private const int Longest = 8192;

    public static async ValueTask<ProbeRequest?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        Read(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(ProbeRequest)));

    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static ProbeRequest Read(JsonElement? body)
    {
        var read = new BodyFields(body ?? throw RefusedException.Malformed("The body is missing.", Wanted), "connection_string");
        var text = read.Text("connection_string", Longest);
        read.ThrowIfWrong(Wanted);
        return new ProbeRequest(text ?? throw RefusedException.Malformed("The field 'connection_string' is missing.", Wanted));
    }
}
