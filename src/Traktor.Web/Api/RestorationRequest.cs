using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;
using Traktor.Engine.Conflicts.Decisions;

namespace Traktor.Web.Api;

/// <summary>Which version of a row is to be brought back, as a body says it.</summary>
internal sealed record RestorationRequest(RowSide Version, ExpectedVersion? Expected, string By)
    : IBindableFromHttpContext<RestorationRequest>,
        IEndpointParameterMetadataProvider
{
    private const string Wanted =
        "Send {\"version\": \"local\"} or {\"version\": \"remote\"}; \"expected\": {\"stamp\", \"origin\"} and \"by\" may follow.";

    public static async ValueTask<RestorationRequest?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        Read(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(RestorationBody)));

    /// <summary>Reads the body's object.</summary>
    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static RestorationRequest Read(JsonElement? body)
    {
        if (body is not { } fields)
            throw RefusedException.Malformed("The body is missing.", Wanted);
        var read = new BodyFields(fields, "version", "expected", "by");
        var version = read.Word<RowSide>("version", isNeeded: true);
        var expected = ExpectedBody.Read(read);
        var by = read.Text("by", HandDecision.LongestBy) ?? HandDecision.Somebody;
        read.ThrowIfWrong(Wanted);
        return new RestorationRequest(version!.Value, expected, by);
    }
}

/// <summary>Which version is to be brought back.</summary>
/// <param name="Version">local or remote, as the conflict has them.</param>
/// <param name="Expected">The version of the row that was looked at; 409 when the row is another by now. Left out when
/// that does not matter.</param>
/// <param name="By">Who does it, for the record.</param>
internal sealed record RestorationBody(RowSide Version, ExpectedVersion? Expected, string? By);
