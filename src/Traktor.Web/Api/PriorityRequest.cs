using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;

namespace Traktor.Web.Api;

/// <summary>Priorities to set.</summary>
/// <param name="Priorities">Ranks by NodeID: the smallest goes first.</param>
internal sealed record PriorityRequest(IReadOnlyDictionary<int, int> Priorities)
    : IBindableFromHttpContext<PriorityRequest>,
        IEndpointParameterMetadataProvider
{
    private const string Wanted = "Send {\"priorities\": {\"2\": 0, \"0\": 1}}: whole numbers by NodeID, {} for the order of the NodeIDs.";

    public static async ValueTask<PriorityRequest?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        Read(await JsonBody.ReadAsync(context.Request));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(PriorityRequest)));

    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static PriorityRequest Read(JsonElement? body)
    {
        var read = new BodyFields(body ?? throw RefusedException.Malformed("The body is missing.", Wanted), "priorities");
        var ranks = new Dictionary<int, int>();
        if (read.Object("priorities", isNeeded: true) is { } priorities)
            foreach (var field in priorities.EnumerateObject())
                if (!int.TryParse(field.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var node) || node > short.MaxValue)
                    read.Wrong("a name in 'priorities' is no NodeID from 0 to 32767");
                else if (field.Value.ValueKind != JsonValueKind.Number || !field.Value.TryGetInt32(out var rank))
                    read.Wrong($"the priority of node {node} must be a whole number");
                else if (!ranks.TryAdd(node, rank))
                    read.Wrong($"node {node} is named twice");
        read.ThrowIfWrong(Wanted);
        return new PriorityRequest(ranks);
    }
}
