namespace Traktor.Web.Contracts.Conflicts;

/// <summary>What a listener asks for.</summary>
/// <param name="Node">Only this node; null for the whole mesh.</param>
/// <param name="Positions">The last position of each node that the client has received, by NodeID; for a node without
/// one it receives a snapshot.</param>
public sealed record FeedRequest(int? Node, IReadOnlyDictionary<int, string>? Positions);
