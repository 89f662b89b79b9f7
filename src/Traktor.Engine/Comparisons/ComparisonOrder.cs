using System.Text.Json;

namespace Traktor.Engine.Comparisons;

/// <summary>What is to be compared.</summary>
/// <param name="Tables">The tables; null for all that are committed.</param>
/// <param name="Nodes">The nodes; null for all.</param>
/// <param name="Share">How much of the servers' time it may take, 1 to 100 per cent.</param>
public sealed record ComparisonOrder(IReadOnlyList<string>? Tables, IReadOnlyList<int>? Nodes, int Share)
{
    /// <summary>The same as the task keeps it.</summary>
    internal JsonElement ToJson() =>
        JsonSerializer.SerializeToElement(
            new
            {
                tables = Tables,
                nodes = Nodes,
                share = Share,
            }
        );
}
