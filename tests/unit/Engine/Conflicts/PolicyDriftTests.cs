using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.UnitTests.Engine.Conflicts;

public sealed class PolicyDriftTests
{
    private static readonly TableName Orders = new("shop", "orders");

    [Fact]
    public void Findings_AnotherPolicyOnAPeer_NamesBoth()
    {
        var drift = new PolicyDrift(
            0,
            Node("last_update_wins"),
            new Dictionary<int, PeerPolicies> { [1] = Node("manual"), [2] = Node("last_update_wins") }
        );
        var finding = Assert.Single(drift.Findings(Orders));
        Assert.Equal(
            "Conflicts of shop.orders are decided by last_update_wins on node 0 and by manual on node 1: the nodes will diverge.",
            finding.Found
        );
        Assert.Contains("/v1/arbiter/policy/shop.orders?scope=mesh", finding.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_PeerDoesNotHaveTheTable_AreNone() =>
        Assert.Empty(
            new PolicyDrift(
                0,
                Node("manual"),
                new Dictionary<int, PeerPolicies> { [1] = new(new Dictionary<TableName, string>(), new Dictionary<int, int>()) }
            ).Findings(Orders)
        );

    [Fact]
    public void Findings_OtherPriorities_OnlyMatterWhereTheyDecide()
    {
        var ranked = new Dictionary<int, int> { [2] = 0, [0] = 0 };
        Assert.Contains(
            "node 0: 0, node 2: 0",
            Assert.Single(new PolicyDrift(0, Node("node_priority"), Peer("node_priority", ranked)).Findings(Orders)).Found,
            StringComparison.Ordinal
        );
        Assert.Empty(new PolicyDrift(0, Node("last_update_wins"), Peer("last_update_wins", ranked)).Findings(Orders));
        Assert.Empty(
            new PolicyDrift(0, Node("node_priority"), Peer("node_priority", new Dictionary<int, int> { [1] = 1 })).Findings(Orders)
        );
    }

    private static Dictionary<int, PeerPolicies> Peer(string policy, Dictionary<int, int> ranks) =>
        new() { [1] = Node(policy) with { Priorities = ranks } };

    private static PeerPolicies Node(string policy) =>
        new(new Dictionary<TableName, string> { [Orders] = policy }, new Dictionary<int, int>());
}
