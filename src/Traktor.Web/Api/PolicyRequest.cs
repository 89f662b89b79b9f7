using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;
using Traktor.Engine.Conflicts;

namespace Traktor.Web.Api;

/// <summary>A policy to set, or whether silent conflicts are looked for, or both.</summary>
/// <param name="Policy">The policy; null leaves it as it is.</param>
/// <param name="Detector">Whether silent conflicts of the table are looked for; null leaves it as it is.</param>
internal sealed record PolicyRequest(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Policy? Policy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Detector = null
) : IBindableFromHttpContext<PolicyRequest>, IEndpointParameterMetadataProvider
{
    private const string Wanted = "Send {\"policy\": \"last_update_wins\"}, or {\"detector\": false}, or both.";

    public static async ValueTask<PolicyRequest?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        Read(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(PolicyRequest)));

    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static PolicyRequest Read(JsonElement? body)
    {
        var read = new BodyFields(body ?? throw RefusedException.Malformed("The body is missing.", Wanted), "policy", "detector");
        var policy = read.Word<Policy>("policy");
        var detector = read.Switch("detector");
        if (policy is null && detector is null)
            read.Wrong("neither the field 'policy' nor the field 'detector' is there");
        read.ThrowIfWrong(Wanted);
        return new PolicyRequest(policy, detector);
    }
}
