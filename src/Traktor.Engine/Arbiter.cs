using Microsoft.Extensions.Logging;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Membership;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine;

/// <summary>
/// The arbiter of one node: what the REST API and the console call, and the one place where the engine's parts are put together. It starts without PostgreSQL
/// and goes on by itself when that is back. Every call throws <see cref="RefusedException"/> with words for the user when it cannot be done.
/// </summary>
public sealed class Arbiter : IAsyncDisposable
{
    private static readonly TimeSpan FirstCheckTimeout = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource stop = new();
    private readonly Database database;
    private readonly Peers peers;
    private readonly LocalNode local;
    private readonly Initialization initialization;
    private readonly Uninitialization uninitialization;
    private readonly SubscriptionControl subscriptions;
    private readonly SubscriptionWorkers workers;
    private readonly Replicaset replicaset;
    private readonly ReplicasetCommit commit;
    private readonly ReplicasetWorker replicasetWorker;
    private readonly NodeMonitor monitor;
    private readonly History history;
    private Task loops = Task.CompletedTask;
    private int isDisposed;

    /// <exception cref="RefusedException">The connection string is malformed.</exception>
    public Arbiter(ArbiterSettings settings, ILoggerFactory loggers, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        Settings = settings;
        peers = new Peers(settings.NodeId);
        database = new Database(Conninfo.Parse(settings.ConnectionString), peers.ApplicationName);
        local = new LocalNode(database, settings.NodeId);
        initialization = new Initialization(local, settings);
        subscriptions = new SubscriptionControl(local, peers);
        uninitialization = new Uninitialization(local, subscriptions);
        workers = new SubscriptionWorkers(local, settings.CheckInterval, time, loggers.CreateLogger<SubscriptionWorker>());
        replicaset = new Replicaset(local);
        var opener = new TableOpener(local, loggers.CreateLogger<TableOpener>());
        commit = new ReplicasetCommit(local, replicaset, opener);
        replicasetWorker = new ReplicasetWorker(local, opener, time, loggers.CreateLogger<ReplicasetWorker>());
        monitor = new NodeMonitor(local, settings, initialization, subscriptions, workers, time, loggers.CreateLogger<NodeMonitor>());
        history = new History(local);
    }

    /// <summary>What this arbiter was configured with.</summary>
    public ArbiterSettings Settings { get; }

    /// <summary>This node at a glance, from memory.</summary>
    public NodeStatus Status => monitor.Status;

    /// <summary>This node's subscriptions, from memory, ordered by peer.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => monitor.Subscriptions;

    /// <summary>Starts the loops; returns at once, also when PostgreSQL is down.</summary>
    public Task StartAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        loops = Task.WhenAll(Task.Run(() => monitor.RunAsync(stop.Token), CancellationToken.None), Task.Run(() => replicasetWorker.RunAsync(stop.Token), CancellationToken.None));
        return Task.CompletedTask;
    }

    /// <summary>Makes the database a node of the mesh.</summary>
    public async Task<InitializeReport> InitializeAsync(CancellationToken cancel) => await ThenLookAsync(await initialization.InitializeAsync(cancel), cancel);

    /// <summary>Takes the node out of the mesh and leaves nothing of ours in its database.</summary>
    public async Task<UninitializeReport> UninitializeAsync(CancellationToken cancel) => await ThenLookAsync(await uninitialization.UninitializeAsync(cancel), cancel);

    /// <summary>Receives from a peer from now on; changes the connection string of a subscription that exists. Returns whether it was created.</summary>
    public async Task<bool> SubscribeAsync(int inboundNode, string connectionString, CancellationToken cancel)
    {
        var created = await ThenLookAsync(await subscriptions.SubscribeAsync(inboundNode, connectionString, cancel), cancel);
        await workers.CheckNowAsync(inboundNode, FirstCheckTimeout, cancel);
        return await ThenLookAsync(created, cancel);
    }

    /// <summary>Ends a subscription; what is left on a peer that cannot be reached is returned, and removed when the peer is back.</summary>
    public async Task<IReadOnlyList<string>> UnsubscribeAsync(int inboundNode, CancellationToken cancel) =>
        await ThenLookAsync(await subscriptions.UnsubscribeAsync(inboundNode, cancel), cancel);

    /// <summary>Stops applying from a peer until resumed; nothing ever resumes it by itself.</summary>
    public async Task<SubscriptionStatus> PauseAsync(int inboundNode, CancellationToken cancel)
    {
        await subscriptions.PauseAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    /// <summary>Applies again what has gathered, also when it was disabled by hand.</summary>
    public async Task<SubscriptionStatus> ResumeAsync(int inboundNode, CancellationToken cancel)
    {
        await subscriptions.ResumeAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    /// <summary>Stages a table for replication. Returns whether something was staged that was not before.</summary>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) => replicaset.StageAddAsync(table, cancel);

    /// <summary>Stages a table's removal, or cancels its staged add. Returns the table as it stands then; null when nothing of it is left.</summary>
    public Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel) => replicaset.StageRemoveAsync(table, cancel);

    /// <summary>Commits what is staged and waits until every reachable peer has it or has said why not.</summary>
    public Task<CommitReport> CommitAsync(bool force, CancellationToken cancel) => commit.CommitAsync(force, cancel);

    /// <summary>The tables of the replicaset.</summary>
    public Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) => replicaset.ReadAsync(cancel);

    /// <summary>A page of healed conflicts, newest first.</summary>
    public Task<HistoryPage> HistoryAsync(int limit, long? before, CancellationToken cancel) => history.ReadAsync(limit, before, cancel);

    /// <summary>The mesh as this node sees it.</summary>
    public Task<MeshStatus> MeshAsync(CancellationToken cancel) => MeshStatus.ReadAsync(local, Subscriptions, cancel);

    /// <summary>What is wrong with the server's settings, and the peers' clocks.</summary>
    public Task<PreflightReport> PreflightAsync(CancellationToken cancel) => PreflightReport.ReadAsync(local, Settings, Subscriptions, cancel);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 1)
            return;
        await stop.CancelAsync();
        await loops;
        monitor.Dispose();
        await workers.DisposeAsync();
        await peers.DisposeAsync();
        await database.DisposeAsync();
        stop.Dispose();
    }

    private async Task<SubscriptionStatus> FindAsync(int inboundNode, CancellationToken cancel)
    {
        await monitor.LookAsync(cancel);
        return Subscriptions.FirstOrDefault(subscription => subscription.InboundNode == inboundNode)
            ?? throw RefusedException.NotFound($"Node {Settings.NodeId} has no subscription from node {inboundNode}.");
    }

    /// <summary>What was just changed shows in the next answer.</summary>
    private async Task<T> ThenLookAsync<T>(T result, CancellationToken cancel)
    {
        await monitor.LookAsync(cancel);
        return result;
    }
}
