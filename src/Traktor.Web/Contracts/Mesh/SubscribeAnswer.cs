namespace Traktor.Web.Contracts.Mesh;

/// <summary>What subscribing did.</summary>
/// <param name="InboundNode">The peer that this node receives from.</param>
/// <param name="Name">Name of the subscription; the replication slot on the peer has the same.</param>
/// <param name="Created">Whether it is new; false when it was there already (a changed connection string is taken over).</param>
public sealed record SubscribeAnswer(int InboundNode, string Name, bool Created);
