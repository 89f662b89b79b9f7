using System.Runtime.CompilerServices;
using Traktor.Engine;
using Traktor.Engine.Access;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Tasks;

namespace Traktor.Web.Peers;

/// <summary>This arbiter's own node, for somebody.</summary>
internal sealed class OwnNode(Arbiter arbiter, Actor actor) : INodeClient
{
    /// <summary>How many tasks of a node are read.</summary>
    public const int NewestTasks = 100;

    public int Node => arbiter.Settings.NodeId;

    private ActingArbiter Acting => arbiter.As(actor);

    public Task<NodeStatus> StatusAsync(CancellationToken cancel) => Task.FromResult(arbiter.Status);

    public Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel) => arbiter.SubscriptionsAsync(cancel);

    public Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) => arbiter.ReplicasetAsync(cancel);

    public Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel) => arbiter.CatalogAsync(cancel);

    public async Task<IReadOnlyList<Finding>> PreflightAsync(CancellationToken cancel) => (await arbiter.PreflightAsync(cancel)).Findings;

    public Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel) => arbiter.ConflictsAsync(filter, cancel);

    public Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel) => arbiter.RateAsync(minutes, cancel);

    public async Task<IReadOnlyList<TaskEntry>> TasksAsync(CancellationToken cancel) =>
        (await arbiter.TasksAsync(null, null, NewestTasks, cancel)).Tasks;

    public Task<TaskReport> TaskAsync(long id, CancellationToken cancel) => arbiter.TaskAsync(id, TimeSpan.Zero, cancel);

    public Task<Comparison> ComparisonAsync(long id, CancellationToken cancel) => arbiter.ComparisonAsync(id, cancel);

    public Task<DifferencePage> DifferencesAsync(long id, string? relation, long after, int limit, CancellationToken cancel) =>
        arbiter.DifferencesAsync(id, relation, after, limit, actor, cancel);

    public async IAsyncEnumerable<FeedBatch> ListenAsync(FeedPosition? since, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = await arbiter.Feed.ListenAsync(since, cancel);
        yield return new FeedBatch([], reader.Start, 0);
        await foreach (var batch in reader.Batches.ReadAllAsync(cancel))
            yield return batch;
    }

    public Task InitializeAsync(CancellationToken cancel) => Acting.InitializeAsync(cancel);

    public Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel) => Acting.ProbeAsync(connectionString, cancel);

    public Task SubscribeAsync(int inbound, string connectionString, CancellationToken cancel) =>
        Acting.SubscribeAsync(inbound, connectionString, cancel);

    public Task<IReadOnlyList<string>> UnsubscribeAsync(int inbound, CancellationToken cancel) => Acting.UnsubscribeAsync(inbound, cancel);

    public Task PauseAsync(int inbound, CancellationToken cancel) => Acting.PauseAsync(inbound, cancel);

    public Task ResumeAsync(int inbound, CancellationToken cancel) => Acting.ResumeAsync(inbound, cancel);

    public Task RenewAsync(int inbound, CancellationToken cancel) => Acting.RenewAsync(inbound, cancel);

    public Task StageAddAsync(string relation, CancellationToken cancel) => Acting.StageAddAsync(relation, cancel);

    public Task StageRemoveAsync(string relation, CancellationToken cancel) => Acting.StageRemoveAsync(relation, cancel);

    public Task<CommitReport> CommitAsync(CancellationToken cancel) => Acting.CommitAsync(force: false, cancel);

    public Task<TaskReport> CompareAsync(ComparisonOrder order, CancellationToken cancel) => Acting.CompareAsync(order, cancel);

    public Task<TaskReport> RepairAsync(RepairOrder order, CancellationToken cancel) => Acting.RepairAsync(order, cancel);

    public Task<TaskReport> CancelTaskAsync(long id, CancellationToken cancel) => Acting.CancelTaskAsync(id, cancel);
}
