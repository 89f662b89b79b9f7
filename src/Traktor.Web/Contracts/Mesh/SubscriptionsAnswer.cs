using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Contracts.Mesh;

/// <summary>What this node receives.</summary>
/// <param name="Node">This node.</param>
/// <param name="Subscriptions">Its subscriptions, ordered by peer.</param>
public sealed record SubscriptionsAnswer(int Node, IReadOnlyList<SubscriptionStatus> Subscriptions);
