using System.ComponentModel.DataAnnotations;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Web.Contracts.Values;

namespace Traktor.Web.Contracts.Comparisons;

/// <summary>A repair to start.</summary>
/// <param name="Rule">newest, majority, or node:1.</param>
/// <param name="Table">Only differences of this table; null for all.</param>
/// <param name="Keys">Only these differences, by their ids; null for all.</param>
/// <param name="DryRun">Whether nothing is written.</param>
internal sealed record RepairRequest(string Rule = "newest", string? Table = null, IReadOnlyList<int>? Keys = null, bool DryRun = false)
    : IRequest,
        IValidatableObject
{
    public static string Wanted =>
        "Send {\"rule\": \"newest\"}, or \"majority\" or \"node:1\"; \"table\", \"keys\" and \"dry_run\" are optional.";

    public static RepairRequest Of(RepairOrder order) =>
        new(order.Rule.ToString(), order.Table, order.Keys is null ? null : [.. order.Keys.Select(key => (int)key)], order.IsDryRun);

    public RepairOrder ToOrder(long comparison) =>
        new(comparison, RepairRule.Parse(Rule)!, Table, Keys is null ? null : [.. Keys.Select(key => (long)key)], DryRun);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RepairRule.Parse(Rule) is null)
            yield return new ValidationResult("the field 'rule' must be newest, majority, or node: with a NodeID");
    }
}
