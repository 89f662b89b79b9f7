using System.Globalization;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>Which version of a row all nodes get.</summary>
/// <param name="Kind">Newest, majority or node.</param>
/// <param name="Node">The node whose rows are taken; null for the other kinds.</param>
public sealed record RepairRule(RepairRuleKind Kind, int? Node = null)
{
    private const string NodePrefix = "node:";

    /// <summary>As <c>newest</c>, <c>majority</c> or <c>node:1</c>; null when it is none of them.</summary>
    public static RepairRule? Parse(string text) =>
        text switch
        {
            "newest" => new RepairRule(RepairRuleKind.Newest),
            "majority" => new RepairRule(RepairRuleKind.Majority),
            _ when text.StartsWith(NodePrefix, StringComparison.Ordinal)
                    && int.TryParse(text.AsSpan(NodePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var node) =>
                new RepairRule(RepairRuleKind.Node, node),
            _ => null,
        };

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            RepairRuleKind.Newest => "newest",
            RepairRuleKind.Majority => "majority",
            _ => string.Create(CultureInfo.InvariantCulture, $"{NodePrefix}{Node}"),
        };
}

/// <summary>The kinds of rules.</summary>
public enum RepairRuleKind
{
    /// <summary>The row with the greatest stamp; a row wins over no row.</summary>
    Newest,

    /// <summary>What most nodes have, which may be no row.</summary>
    Majority,

    /// <summary>What one node has, which may be no row.</summary>
    Node,
}
