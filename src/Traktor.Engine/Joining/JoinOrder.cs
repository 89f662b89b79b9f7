using System.Text.Json;

namespace Traktor.Engine.Joining;

/// <summary>How a node is to join a mesh.</summary>
/// <param name="ConnectionString">This node's database as the other nodes reach it.</param>
/// <param name="SourceNode">The node whose rows are copied.</param>
/// <param name="SourceConnectionString">Its database.</param>
public sealed record JoinOrder(string ConnectionString, int SourceNode, string SourceConnectionString)
{
    /// <summary>The same as the task keeps it: without the connection strings, which have passwords.</summary>
    internal JsonElement ToJson() => JsonSerializer.SerializeToElement(new { source = SourceNode });
}
