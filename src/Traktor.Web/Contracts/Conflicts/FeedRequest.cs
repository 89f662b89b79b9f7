namespace Traktor.Web.Contracts.Conflicts;

/// <summary>What a listener asks for.</summary>
/// <param name="Node">Only this node; null for the whole mesh.</param>
/// <param name="Positions">The last position that was seen of each node, by NodeID, to go on from; null, or without a
/// node, for a snapshot.</param>
public sealed record FeedRequest(int? Node, IReadOnlyDictionary<int, string>? Positions);
