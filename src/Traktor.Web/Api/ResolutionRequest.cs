using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Traktor.Engine;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;

namespace Traktor.Web.Api;

/// <summary>A decision by hand, as a body says it.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="IsMesh">Whether it is about the row on all nodes.</param>
internal sealed record ResolutionRequest(HandDecision Decision, bool IsMesh)
    : IBindableFromHttpContext<ResolutionRequest>,
        IEndpointParameterMetadataProvider
{
    /// <summary>Largest body in bytes: a merged row may hold long values.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int MaxDepth = 64;
    private const string Wanted =
        "Send {\"resolution\": \"keep_local\"}, or apply_remote, newest, or merge with \"row\": {columns}; \"scope\": \"mesh\" or \"node\", \"expected\": {\"stamp\", \"origin\"} and \"by\" may follow.";

    public static async ValueTask<ResolutionRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxBytes;
        try
        {
            return Read(await JsonBody.ReadAsync(context.Request, MaxDepth));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new ProblemException(
                Problem.Of(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {MaxBytes / 1024 / 1024} MB.")
            );
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new TakesJson(typeof(ResolutionBody)));

    /// <summary>Reads the body's object.</summary>
    /// <exception cref="RefusedException">Malformed, naming every field that is wrong.</exception>
    public static ResolutionRequest Read(JsonElement? body)
    {
        if (body is not { } fields)
            throw RefusedException.Malformed("The body is missing.", Wanted);
        var read = new BodyFields(fields, "resolution", "row", "scope", "by", "expected");
        var resolution = read.Word<Resolution>("resolution", isNeeded: true);
        var scope = read.Word<Scope>("scope") ?? Scope.Mesh;
        var by = read.Text("by", HandDecision.LongestBy) ?? HandDecision.Somebody;
        var row = read.Object("row");
        var expected = ExpectedBody.Read(read);
        if (resolution == Resolution.Merge && row is null)
            read.Wrong("the field 'row' is missing, which merge needs");
        if (resolution is not null and not Resolution.Merge && row is not null)
            read.Wrong("the field 'row' is only taken with merge");
        read.ThrowIfWrong(Wanted);
        return new ResolutionRequest(new HandDecision(resolution!.Value, row, by, expected), scope == Scope.Mesh);
    }
}

/// <summary>A decision by hand.</summary>
/// <param name="Resolution">What to do.</param>
/// <param name="Row">The columns to write, with merge: the key's as they are; columns that are left out keep their
/// values.</param>
/// <param name="Scope">mesh (when left out): the same row's conflicts on all nodes; node: this node alone.</param>
/// <param name="By">Who decides, for the record.</param>
/// <param name="Expected">The version of the local row that was looked at; 409 when the row is another by now. Left out
/// when that does not matter.</param>
internal sealed record ResolutionBody(Resolution Resolution, JsonElement? Row, Scope? Scope, string? By, ExpectedVersion? Expected = null);

/// <summary>How far something reaches.</summary>
internal enum Scope
{
    /// <summary>All nodes.</summary>
    Mesh,

    /// <summary>This node alone.</summary>
    Node,
}
