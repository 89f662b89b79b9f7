namespace Traktor.Web.Contracts.Mesh;

/// <summary>What subscribing did.</summary>
/// <param name="InboundNode">The peer that this node receives from.</param>
/// <param name="Name">Name of the subscription; the replication slot on the peer has the same.</param>
/// <param name="Created">True when this call created it; false when it existed (its connection string is
/// replaced).</param>
public sealed record SubscribeAnswer(int InboundNode, string Name, bool Created);
