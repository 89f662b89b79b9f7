using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Tables;
using Traktor.UnitTests.Web.Contracts;
using Traktor.Web.Live.Mesh;

namespace Traktor.UnitTests.Web.Live.Mesh;

/// <summary>Meshes to look at.</summary>
internal static class SomeMesh
{
    public static SubscriptionStatus Subscription(int from, SubscriptionState state = SubscriptionState.Streaming) =>
        new(from, $"trktr_sub_x_{from}", state, "host=h password=***", 0.5, 0, 56, DateTimeOffset.UnixEpoch, null, null, 0.1, 1);

    public static NodeSeen Node(int node, params SubscriptionStatus[] subscriptions) =>
        new(
            node,
            node == 0,
            new Uri($"http://node{node}.example:8080"),
            StatusAnswerTests.Status() with
            {
                Node = node,
                ConflictsPending = 0,
                Peers = [],
            },
            subscriptions,
            [],
            DateTimeOffset.UnixEpoch
        );

    public static MeshView Of(params NodeSeen[] nodes) => new(0, nodes);

    public static ReplicasetTable Table(string relation, TableState state = TableState.Committed, string policy = "last_update_wins") =>
        new(relation, state, policy, true, false, [], [], []);

    public static CatalogTable Catalog(string relation, params string[] columns) =>
        new(
            relation,
            null,
            ["id"],
            [.. columns.Select(column => new ColumnFacts(column.Split(' ')[0], column.Split(' ')[1], column.Split(' ')[1], false, false))],
            []
        );
}
