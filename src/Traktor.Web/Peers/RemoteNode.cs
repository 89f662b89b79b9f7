using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tasks;
using Traktor.Web.Contracts.Comparisons;
using Traktor.Web.Contracts.Conflicts;
using Traktor.Web.Contracts.Json;
using Traktor.Web.Contracts.Mesh;

namespace Traktor.Web.Peers;

/// <summary>Another node for somebody, through its arbiter's REST API.</summary>
internal sealed class RemoteNode(ArbiterCalls arbiters, PeerArbiter peer, Actor actor) : INodeClient
{
    private const string Root = "v1/arbiter/";

    // Pages are updated once a second: a node that has not answered by then is shown as unreachable.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(3);

    // A commit waits for peers, a subscription for long transactions.
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(60);

    public int Node => peer.Node;

    public async Task<NodeStatus> StatusAsync(CancellationToken cancel)
    {
        var status = await GetAsync("status", ApiJsonOptions.Wire.StatusAnswer, ReadTimeout, cancel);
        if (status.Node != peer.Node)
            throw RefusedException.Unavailable(
                $"The arbiter at {peer.Url} is that of node {status.Node}. Correct PublicURL in the arbiter.ini of node {peer.Node}."
            );
        return new NodeStatus(
            status.Node,
            status.IsInitialized,
            status.IsReplicating,
            status.IsTainted,
            status.ConflictsPending,
            status.ConflictsResolved,
            status.ReplicationLagMs,
            status.ServerVersion,
            status.ServerVersionNum,
            status.IsReachable,
            status.Problem,
            status.AsOf,
            status.Peers
        )
        {
            Convergence = status.Convergence,
            FailingWorkers = status.FailingWorkers,
        };
    }

    public async Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel) =>
        (await GetAsync("subscription", ApiJsonOptions.Wire.SubscriptionsAnswer, ReadTimeout, cancel)).Subscriptions;

    public async Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) =>
        (await GetAsync("replicaset/status", ApiJsonOptions.Wire.ReplicasetAnswer, null, cancel)).Replicaset;

    public async Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel) =>
        (await GetAsync("catalog", ApiJsonOptions.Wire.CatalogAnswer, null, cancel)).Tables;

    public async Task<IReadOnlyList<Finding>> PreflightAsync(CancellationToken cancel) =>
        (await GetAsync("preflight", ApiJsonOptions.Wire.PreflightReport, null, cancel)).Findings;

    public Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel) =>
        GetAsync("conflicts" + HistoryQuery.Write(filter), ApiJsonOptions.Wire.ConflictPage, null, cancel);

    public Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel) =>
        GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"conflicts/rate?minutes={minutes}"),
            ApiJsonOptions.Wire.ConflictRate,
            null,
            cancel
        );

    public async Task<IReadOnlyList<TaskEntry>> TasksAsync(CancellationToken cancel) =>
        (
            await GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"tasks?limit={OwnNode.NewestTasks}"),
                ApiJsonOptions.Wire.TaskPage,
                ReadTimeout,
                cancel
            )
        ).Tasks;

    public Task<TaskReport> TaskAsync(long id, CancellationToken cancel) =>
        GetAsync(TaskPath(id), ApiJsonOptions.Wire.TaskReport, ReadTimeout, cancel);

    public Task<Comparison> ComparisonAsync(long id, CancellationToken cancel) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"comparisons/{id}"), ApiJsonOptions.Wire.Comparison, ReadTimeout, cancel);

    public Task<DifferencePage> DifferencesAsync(long id, string? relation, long after, int limit, CancellationToken cancel) =>
        GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"comparisons/{id}/differences?after={after}&limit={limit}")
                + (relation is null ? "" : $"&table={Uri.EscapeDataString(relation)}"),
            ApiJsonOptions.Wire.DifferencePage,
            CommandTimeout,
            cancel
        );

    public async IAsyncEnumerable<FeedBatch> ListenAsync(FeedPosition? since, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Checks the NodeID: another arbiter at this URL would mix the conflicts of two nodes.
        await StatusAsync(cancel);
        var batches = new EventBatches();
        var path = Root + "conflicts/stream" + (since is { } position ? $"?after={position}" : "");
        await foreach (var item in arbiters.EventsAsync(peer, actor, path, cancel))
            if (batches.Take(item) is { } batch)
                yield return batch;
    }

    public Task InitializeAsync(CancellationToken cancel) =>
        DoAsync(HttpMethod.Put, "control", null, ApiJsonOptions.Wire.InitializeReport, cancel);

    public Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel) =>
        DoAsync(
            HttpMethod.Post,
            "subscription/probe",
            JsonSerializer.Serialize(new ProbeRequest(connectionString), ApiJsonOptions.Wire.ProbeRequest),
            ApiJsonOptions.Wire.ProbeReport,
            cancel
        );

    public Task SubscribeAsync(int inbound, string connectionString, CancellationToken cancel) =>
        DoAsync(
            HttpMethod.Put,
            "subscription/control",
            JsonSerializer.Serialize(new SubscriptionRequest(inbound, connectionString), ApiJsonOptions.Wire.SubscriptionRequest),
            ApiJsonOptions.Wire.SubscribeAnswer,
            cancel
        );

    public async Task<IReadOnlyList<string>> UnsubscribeAsync(int inbound, CancellationToken cancel) =>
        (
            await DoAsync(
                HttpMethod.Delete,
                string.Create(CultureInfo.InvariantCulture, $"subscription/control?inbound_node={inbound}"),
                null,
                ApiJsonOptions.Wire.UnsubscribeAnswer,
                cancel
            )
        ).Leftovers;

    public Task PauseAsync(int inbound, CancellationToken cancel) => SwitchAsync(inbound, "pause", cancel);

    public Task ResumeAsync(int inbound, CancellationToken cancel) => SwitchAsync(inbound, "resume", cancel);

    public Task RenewAsync(int inbound, CancellationToken cancel) => SwitchAsync(inbound, "renew", cancel);

    public Task StageAddAsync(string relation, CancellationToken cancel) => StageAsync(HttpMethod.Put, relation, cancel);

    public Task StageRemoveAsync(string relation, CancellationToken cancel) => StageAsync(HttpMethod.Delete, relation, cancel);

    public Task<CommitReport> CommitAsync(CancellationToken cancel) =>
        DoAsync(HttpMethod.Patch, "replicaset", null, ApiJsonOptions.Wire.CommitReport, cancel);

    public Task<TaskReport> CompareAsync(ComparisonOrder order, CancellationToken cancel) =>
        DoAsync(
            HttpMethod.Post,
            "comparisons",
            JsonSerializer.Serialize(ComparisonRequest.Of(order), ApiJsonOptions.Wire.ComparisonRequest),
            ApiJsonOptions.Wire.TaskReport,
            cancel
        );

    public Task<TaskReport> RepairAsync(RepairOrder order, CancellationToken cancel) =>
        DoAsync(
            HttpMethod.Post,
            string.Create(CultureInfo.InvariantCulture, $"comparisons/{order.Comparison}/repair"),
            JsonSerializer.Serialize(RepairRequest.Of(order), ApiJsonOptions.Wire.RepairRequest),
            ApiJsonOptions.Wire.TaskReport,
            cancel
        );

    public Task<TaskReport> CancelTaskAsync(long id, CancellationToken cancel) =>
        DoAsync(HttpMethod.Delete, TaskPath(id), null, ApiJsonOptions.Wire.TaskReport, cancel);

    private static string TaskPath(long id) => string.Create(CultureInfo.InvariantCulture, $"tasks/{id}");

    private Task SwitchAsync(int inbound, string verb, CancellationToken cancel) =>
        DoAsync(
            HttpMethod.Post,
            string.Create(CultureInfo.InvariantCulture, $"subscription/{inbound}/{verb}"),
            null,
            ApiJsonOptions.Wire.SubscriptionStatus,
            cancel
        );

    private Task StageAsync(HttpMethod method, string relation, CancellationToken cancel) =>
        DoAsync(method, "replicaset/" + Uri.EscapeDataString(relation), null, ApiJsonOptions.Wire.StageAnswer, cancel);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> answer, TimeSpan? timeout, CancellationToken cancel) =>
        arbiters.CallAsync(peer, actor, HttpMethod.Get, Root + path, null, answer, cancel, timeout);

    private Task<T> DoAsync<T>(HttpMethod method, string path, string? body, JsonTypeInfo<T> answer, CancellationToken cancel) =>
        arbiters.CallAsync(peer, actor, method, Root + path, body, answer, cancel, CommandTimeout);
}
