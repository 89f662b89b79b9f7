using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Web.Api;

/// <summary>What subscribing did.</summary>
/// <param name="InboundNode">The peer that this node receives from.</param>
/// <param name="Name">Name of the subscription; the replication slot on the peer has the same.</param>
/// <param name="Created">Whether it is new; false when it was there already (a changed connection string is taken over).</param>
public sealed record SubscribeAnswer(int InboundNode, string Name, bool Created);

/// <summary>What ending a subscription did.</summary>
/// <param name="InboundNode">The peer.</param>
/// <param name="Leftovers">What remains on a peer that cannot be reached, one sentence each; it is removed when the peer is back.</param>
public sealed record UnsubscribeAnswer(int InboundNode, IReadOnlyList<string> Leftovers);

/// <summary>What this node receives.</summary>
/// <param name="Node">This node.</param>
/// <param name="Subscriptions">Its subscriptions, ordered by peer.</param>
public sealed record SubscriptionsAnswer(int Node, IReadOnlyList<SubscriptionStatus> Subscriptions);

/// <summary>What staging did.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Changed">Whether anything is staged that was not before.</param>
/// <param name="Status">Where the table stands now; null when it is not in the replicaset (any more).</param>
public sealed record StageAnswer(string Relation, bool Changed, TableState? Status)
{
    /// <summary>
    /// The answer for the table that the call named: found in the replicaset as written, else folded to lower case as
    /// SQL would.
    /// </summary>
    public static StageAnswer Of(string named, bool changed, IReadOnlyList<ReplicasetTable> replicaset)
    {
        var name = TableName.Parse(named);
        var found =
            replicaset.FirstOrDefault(t => t.Relation == name.ToString())
            ?? replicaset.FirstOrDefault(t => t.Relation == name.Folded().ToString());
        return new StageAnswer(found?.Relation ?? name.ToString(), changed, found?.Status);
    }
}

/// <summary>The tables of this node's replicaset.</summary>
/// <param name="Node">This node.</param>
/// <param name="Replicaset">The tables, those staged included.</param>
public sealed record ReplicasetAnswer(int Node, IReadOnlyList<ReplicasetTable> Replicaset);

/// <summary>The tables of this node's database that could be replicated.</summary>
/// <param name="Node">This node.</param>
/// <param name="Tables">The tables, ordered by name.</param>
public sealed record CatalogAnswer(int Node, IReadOnlyList<CatalogTable> Tables);

/// <summary>How the arbiter is.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
public sealed record HealthAnswer(string Status);
