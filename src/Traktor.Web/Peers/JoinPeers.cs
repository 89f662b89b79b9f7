using System.Globalization;
using System.Text.Json;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Joining;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>What a node that joins has other nodes do, through the REST API of their arbiters.</summary>
internal sealed class JoinPeers(ArbiterCalls calls) : IJoinPeers
{
    private const string Control = "v1/arbiter/subscription/control";

    // A subscription waits for long transactions, a snapshot for apply workers too.
    private static readonly TimeSpan LongestWork = TimeSpan.FromMinutes(2);

    public async Task SubscribeAsync(PeerArbiter peer, Actor actor, int node, string connectionString, CancellationToken cancel) =>
        await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Put,
            Control,
            JsonSerializer.Serialize(new SubscriptionRequest(node, connectionString), ApiJsonOptions.Wire.SubscriptionRequest),
            ApiJsonOptions.Wire.SubscribeAnswer,
            cancel,
            LongestWork
        );

    public async Task UnsubscribeAsync(PeerArbiter peer, Actor actor, int node, CancellationToken cancel) =>
        await calls.CallAsync(
            peer,
            actor,
            HttpMethod.Delete,
            string.Create(CultureInfo.InvariantCulture, $"{Control}?inbound_node={node}"),
            null,
            ApiJsonOptions.Wire.UnsubscribeAnswer,
            cancel,
            LongestWork
        );

    public async Task<SourceSnapshot> ExportAsync(
        PeerArbiter source,
        Actor actor,
        int node,
        IReadOnlyList<NodePosition> positions,
        CancellationToken cancel
    ) =>
        Checked(
            source,
            await calls.CallAsync(
                source,
                actor,
                HttpMethod.Put,
                Path(node),
                JsonSerializer.Serialize(new SnapshotRequest(positions), ApiJsonOptions.Wire.SnapshotRequest),
                ApiJsonOptions.Wire.SourceSnapshot,
                cancel,
                LongestWork
            )
        );

    public async Task<SourceSnapshot> KeepAsync(PeerArbiter source, Actor actor, int node, CancellationToken cancel) =>
        Checked(source, await calls.CallAsync(source, actor, HttpMethod.Get, Path(node), null, ApiJsonOptions.Wire.SourceSnapshot, cancel));

    public async Task EndAsync(PeerArbiter source, Actor actor, int node, CancellationToken cancel) =>
        Checked(
            source,
            await calls.CallAsync(source, actor, HttpMethod.Delete, Path(node), null, ApiJsonOptions.Wire.SourceSnapshot, cancel)
        );

    private static SourceSnapshot Checked(PeerArbiter source, SourceSnapshot answer) =>
        answer.Node == source.Node
            ? answer
            : throw RefusedException.Unavailable(
                $"{PeerWords.Arbiter(source)} is that of node {answer.Node}. Correct PublicURL in the arbiter.ini of node {source.Node}."
            );

    private static string Path(int node) => string.Create(CultureInfo.InvariantCulture, $"v1/arbiter/snapshots/{node}");
}
