using System.Text.Json;

namespace Traktor.Engine.Comparisons.Repairs;

/// <summary>What is to be repaired.</summary>
/// <param name="Comparison">The comparison that found the differences.</param>
/// <param name="Rule">Which version all nodes get.</param>
/// <param name="Table">Only differences of this table; null for all.</param>
/// <param name="Keys">Only these differences, by their numbers in the comparison; null for all.</param>
/// <param name="IsDryRun">Whether nothing is written, and the result only says what would be.</param>
public sealed record RepairOrder(long Comparison, RepairRule Rule, string? Table, IReadOnlyList<long>? Keys, bool IsDryRun)
{
    /// <summary>The same as the task keeps it.</summary>
    internal JsonElement ToJson() =>
        JsonSerializer.SerializeToElement(
            new
            {
                comparison = Comparison,
                rule = Rule.ToString(),
                table = Table,
                keys = Keys,
                dry_run = IsDryRun,
            }
        );

    /// <summary>Reads what a task keeps.</summary>
    internal static RepairOrder Of(JsonElement request) =>
        new(
            request.GetProperty("comparison").GetInt64(),
            RepairRule.Parse(request.GetProperty("rule").GetString()!)!,
            request.GetProperty("table").GetString(),
            request.GetProperty("keys") is { ValueKind: JsonValueKind.Array } keys
                ? [.. keys.EnumerateArray().Select(key => key.GetInt64())]
                : null,
            request.GetProperty("dry_run").GetBoolean()
        );
}
