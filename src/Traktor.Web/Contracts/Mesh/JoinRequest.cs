using System.ComponentModel.DataAnnotations;
using Traktor.Engine.Joining;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Mesh;

/// <summary>A mesh to join.</summary>
/// <param name="ConnectionString">This node's database as the other nodes reach it.</param>
/// <param name="Source">The node whose rows are copied.</param>
/// <param name="Structure">existing: the tables are there.</param>
internal sealed record JoinRequest(string ConnectionString, JoinSourceRequest Source, string Structure = JoinRequest.Existing)
    : IRequest,
        IValidatableObject
{
    private const string Existing = "existing";
    private const string Copy = "copy";

    public static string Wanted =>
        "Send {\"connection_string\": \"<this node>\", \"source\": {\"node\": <NodeID>, \"connection_string\": \"<libpq connection "
        + "string>\"}, \"structure\": \"existing\"}.";

    public JoinOrder ToOrder() => new(ConnectionString, Source.Node, Source.ConnectionString);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Structure == Copy)
            yield return new ValidationResult(
                "the structure is not copied by this release: make the tables on this node, empty, and send 'structure' existing"
            );
        else if (Structure != Existing)
            yield return new ValidationResult("the field 'structure' must be existing");
    }
}

/// <summary>The node whose rows are copied.</summary>
/// <param name="Node">NodeID.</param>
/// <param name="ConnectionString">Its database as a libpq connection string, keyword/value or URI form.</param>
internal sealed record JoinSourceRequest(int Node, string ConnectionString);
