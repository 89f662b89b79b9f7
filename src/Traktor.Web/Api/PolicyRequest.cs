using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;
using Traktor.Engine.Conflicts;

namespace Traktor.Web.Api;

/// <summary>A policy to set.</summary>
/// <param name="Policy">The policy.</param>
internal sealed record PolicyRequest(Policy Policy) : IBindableFromHttpContext<PolicyRequest>, IEndpointParameterMetadataProvider
{
    private const string Wanted = "Send {\"policy\": \"last_update_wins\"}.";

    public static async ValueTask<PolicyRequest?> BindAsync(HttpContext context, ParameterInfo parameter) => Read(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new TakesJson(typeof(PolicyRequest)));

    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static PolicyRequest Read(JsonElement? body)
    {
        var read = new BodyFields(body ?? throw RefusedException.Malformed("The body is missing.", Wanted), "policy");
        var policy = read.Word<Policy>("policy", isNeeded: true);
        read.ThrowIfWrong(Wanted);
        return new PolicyRequest(policy!.Value);
    }
}
