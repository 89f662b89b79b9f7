namespace Traktor.Web.Contracts.Mesh;

/// <summary>What ending a subscription did.</summary>
/// <param name="InboundNode">The peer.</param>
/// <param name="Leftovers">What remains on a peer that cannot be reached, a sentence each; it is removed when the peer
/// is back.</param>
public sealed record UnsubscribeAnswer(int InboundNode, IReadOnlyList<string> Leftovers);
