using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Tables;

/// <summary>Priorities to set.</summary>
/// <param name="Priorities">Priorities by NodeID: the smallest is the best.</param>
internal sealed record PriorityRequest(IReadOnlyDictionary<string, int> Priorities) : IRequest, IValidatableObject
{
    public static string Wanted => "Send {\"priorities\": {\"2\": 0, \"0\": 1}}: integers by NodeID, {} for the order of the NodeIDs.";

    public static PriorityRequest Of(IReadOnlyDictionary<int, int> ranks) =>
        new(ranks.ToDictionary(rank => rank.Key.ToString(CultureInfo.InvariantCulture), rank => rank.Value));

    /// <summary>The priorities by NodeID; only after validation.</summary>
    public IReadOnlyDictionary<int, int> ByNode() => Priorities.ToDictionary(rank => Node(rank.Key)!.Value, rank => rank.Value);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var sameNode in Priorities.Keys.GroupBy(Node))
            if (sameNode.Key is not { } node)
                yield return new ValidationResult("a name in 'priorities' is not a NodeID from 0 to 32767");
            else if (sameNode.Count() > 1)
                yield return new ValidationResult($"the field 'priorities' has node {node} twice");
    }

    private static int? Node(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var node) && node <= short.MaxValue ? node : null;
}
