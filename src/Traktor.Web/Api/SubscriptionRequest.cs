using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;

namespace Traktor.Web.Api;

/// <summary>Which peer to receive from, and how to reach its database.</summary>
/// <param name="InboundNode">NodeID of the peer.</param>
/// <param name="ConnectionString">The peer's database as a libpq connection string, keyword/value or URI form; a DELETE needs none.</param>
public sealed record SubscriptionRequest(int InboundNode, string? ConnectionString)
    : IBindableFromHttpContext<SubscriptionRequest>,
        IEndpointParameterMetadataProvider
{
    private const string InboundNodeField = "inbound_node";
    private const string ConnectionStringField = "connection_string";

    /// <summary>Reads the request; a DELETE may name the peer in the query too, as many clients send no body with it.</summary>
    public static async ValueTask<SubscriptionRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var body = await JsonBody.ReadAsync(context.Request);
        if (HttpMethods.IsDelete(context.Request.Method) && context.Request.Query.TryGetValue(InboundNodeField, out var query))
            return FromQuery(query.ToString(), body);
        return Read(body, needsConnectionString: !HttpMethods.IsDelete(context.Request.Method));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(SubscriptionRequest)));

    /// <summary>Reads the body's object.</summary>
    /// <exception cref="RefusedException">Names every field that is missing, unknown or of another type.</exception>
    public static SubscriptionRequest Read(JsonElement? body, bool needsConnectionString)
    {
        if (body is not { } fields)
            throw RefusedException.Malformed(Wanted("The body is missing", needsConnectionString));

        var errors = new List<string>();
        int? node = null;
        string? connection = null;
        foreach (var field in fields.EnumerateObject())
        {
            if (field.NameEquals(InboundNodeField))
                node = Node(field.Value, errors) ?? node;
            else if (field.NameEquals(ConnectionStringField))
                connection = Text(field.Value, errors) ?? connection;
            else
                errors.Add($"the field '{Shown(field.Name)}' is not known");
        }

        if (node is null && !fields.TryGetProperty(InboundNodeField, out _))
            errors.Add($"the field '{InboundNodeField}' is missing");
        if (needsConnectionString && connection is null && !fields.TryGetProperty(ConnectionStringField, out _))
            errors.Add($"the field '{ConnectionStringField}' is missing");
        return errors.Count == 0
            ? new SubscriptionRequest(node!.Value, connection)
            : throw RefusedException.Malformed(Wanted($"The body cannot be used: {string.Join("; ", errors)}", needsConnectionString));
    }

    private static SubscriptionRequest FromQuery(string query, JsonElement? body)
    {
        if (!int.TryParse(query, NumberStyles.None, CultureInfo.InvariantCulture, out var node))
            throw RefusedException.Malformed($"The query's {InboundNodeField} must be a NodeID, an integer.");
        if (body is not null && Read(body, needsConnectionString: false).InboundNode != node)
            throw RefusedException.Malformed($"The query and the body name different peers as {InboundNodeField}.");
        return new SubscriptionRequest(node, null);
    }

    private static int? Node(JsonElement value, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var node))
            return node;
        errors.Add(
            value.ValueKind == JsonValueKind.Number
                ? $"the field '{InboundNodeField}' must be an integer NodeID"
                : $"the field '{InboundNodeField}' must be a number, and is {JsonBody.Words(value.ValueKind)}"
        );
        return null;
    }

    private static string? Text(JsonElement value, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            try
            {
                return value.GetString();
            }
            catch (InvalidOperationException)
            {
                // An escaped half of a surrogate pair: valid JSON, but no text.
                errors.Add($"the field '{ConnectionStringField}' is not valid Unicode text");
                return null;
            }
        }

        errors.Add($"the field '{ConnectionStringField}' must be a string, and is {JsonBody.Words(value.ValueKind)}");
        return null;
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;

    private static string Wanted(string wrong, bool needsConnectionString) =>
        needsConnectionString
            ? wrong + ". Send {\"inbound_node\": <NodeID>, \"connection_string\": \"<libpq connection string>\"}."
            : wrong + ". Send {\"inbound_node\": <NodeID>}.";
}
