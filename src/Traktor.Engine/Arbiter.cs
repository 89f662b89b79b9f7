using System.Text.Json;
using Microsoft.Extensions.Logging;
using Traktor.Engine.Conflicts;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Engine.Convergence;
using Traktor.Engine.Detector;
using Traktor.Engine.Healing;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Marks;
using Traktor.Engine.Membership;
using Traktor.Engine.Monitoring;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine;

/// <summary>
/// The arbiter of one node: what the REST API and the console call, and the one place where the engine's parts are put
/// together. It starts without PostgreSQL and goes on by itself when that is back. Every call throws
/// <see cref="RefusedException"/> with words for the user when it cannot be done.
/// </summary>
public sealed class Arbiter : IAsyncDisposable
{
    private static readonly TimeSpan FirstCheckTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstLookTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly Database database;
    private readonly Peers peers;
    private readonly LocalNode local;
    private readonly Initialization initialization;
    private readonly Uninitialization uninitialization;
    private readonly SubscriptionControl subscriptions;
    private readonly PeerProbe probe;
    private readonly Catalog catalog;
    private readonly SubscriptionWorkers workers;
    private readonly Replicaset replicaset;
    private readonly ReplicasetCommit commit;
    private readonly ReplicasetWorker replicasetWorker;
    private readonly Reconciler marks;
    private readonly NodeMonitor monitor;
    private readonly History history;
    private readonly HistoryRetention retention;
    private readonly ConflictDecisions decisions;
    private readonly MeshDecisions meshDecisions;
    private readonly TableRows rows;
    private readonly Restorations restorations;
    private readonly TablePolicies policies;
    private readonly HealingWorkers healing;
    private readonly HeartbeatLoop heartbeats;
    private readonly ConvergenceWorker convergence;
    private readonly Reconciler detector;
    private Task loops = Task.CompletedTask;
    private int isDisposed;

    /// <param name="settings">What it is configured with.</param>
    /// <param name="loggers">Makes the parts' logs.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="arbiters">The way to the other arbiters; without one, what is asked of the whole mesh is done here alone.</param>
    /// <exception cref="RefusedException">The connection string is malformed.</exception>
    public Arbiter(ArbiterSettings settings, ILoggerFactory loggers, TimeProvider? time = null, IPeerArbiters? arbiters = null)
    {
        time ??= TimeProvider.System;
        Settings = settings;
        peers = new Peers(settings.NodeId);
        database = new Database(Conninfo.Parse(settings.ConnectionString), peers.ApplicationName);
        local = new LocalNode(database, settings.NodeId, settings.Pre16Compatibility);
        initialization = new Initialization(local, settings, SchemaScripts.Release);
        subscriptions = new SubscriptionControl(local, peers);
        probe = new PeerProbe(local);
        catalog = new Catalog(local);
        uninitialization = new Uninitialization(local, subscriptions);
        workers = new SubscriptionWorkers(local, settings.CheckInterval, time, loggers.CreateLogger<SubscriptionWorker>());
        replicaset = new Replicaset(local, workers.Policies);
        var opener = new TableOpener(local, loggers.CreateLogger<TableOpener>());
        commit = new ReplicasetCommit(local, replicaset, opener);
        replicasetWorker = new ReplicasetWorker(local, opener, time, loggers.CreateLogger<ReplicasetWorker>());
        marks = new Reconciler(
            local,
            "The marking of own transactions",
            new MarkReconciler(local, time).KeepAsync,
            time,
            loggers.CreateLogger<Reconciler>()
        );
        monitor = new NodeMonitor(local, settings, initialization, subscriptions, workers, time, loggers.CreateLogger<NodeMonitor>());
        history = new History(local);
        retention = new HistoryRetention(local, settings.HistoryRetention, time, loggers.CreateLogger<HistoryRetention>());
        rows = new TableRows(local);
        decisions = new ConflictDecisions(local, rows);
        restorations = new Restorations(local, rows, history);
        var mesh = new MeshArbiters(local);
        meshDecisions = new MeshDecisions(settings.NodeId, decisions, history, mesh, arbiters);
        healing = new HealingWorkers(local, peers, settings, time, loggers.CreateLogger<HealingWorkers>());
        decisions.Decided += entry => healing.RequestLook(entry.Peer);
        policies = new TablePolicies(local, mesh, arbiters);
        convergence = new ConvergenceWorker(local, settings, () => healing.IsBehind, time, loggers.CreateLogger<ConvergenceWorker>());
        heartbeats = new HeartbeatLoop(local, settings.HeartbeatInterval, convergence, time, loggers.CreateLogger<HeartbeatLoop>());
        detector = new Reconciler(
            local,
            "The triggers that see silent conflicts",
            (connection, stop) => TriggerReconciler.EnsureAsync(connection, [], stop),
            time,
            loggers.CreateLogger<Reconciler>()
        );
        Feed = new ConflictFeed(local, time, loggers.CreateLogger<ConflictFeed>());
    }

    /// <summary>What this arbiter was configured with.</summary>
    public ArbiterSettings Settings { get; }

    /// <summary>This node at a glance, from memory.</summary>
    public NodeStatus Status => monitor.Status;

    /// <summary>This node's subscriptions, from memory, ordered by peer.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => monitor.Subscriptions;

    /// <summary>
    /// The same for who asks an arbiter that has only just started: waits until the server was asked for the first
    /// time, for five seconds at most, for "none" would be wrong.
    /// </summary>
    public async Task<IReadOnlyList<SubscriptionStatus>> SubscriptionsAsync(CancellationToken cancel)
    {
        try
        {
            await monitor.FirstLook.WaitAsync(FirstLookTimeout, cancel);
        }
        catch (TimeoutException)
        {
            // A server that hangs: the status says so.
        }

        return Subscriptions;
    }

    /// <summary>What happens to conflicts, as it happens.</summary>
    public ConflictFeed Feed { get; }

    /// <summary>Starts the loops; returns at once, also when PostgreSQL is down.</summary>
    public Task StartAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Func<CancellationToken, Task>[] all =
        [
            monitor.RunAsync,
            replicasetWorker.RunAsync,
            marks.RunAsync,
            retention.RunAsync,
            healing.RunAsync,
            heartbeats.RunAsync,
            detector.RunAsync,
            convergence.RunAsync,
        ];
        loops = Task.WhenAll(all.Select(loop => Task.Run(() => loop(stop.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Makes the database a node of the mesh.</summary>
    public async Task<InitializeReport> InitializeAsync(CancellationToken cancel) =>
        await ThenLookAsync(await initialization.InitializeAsync(cancel), cancel);

    /// <summary>Takes the node out of the mesh and leaves nothing of ours in its database.</summary>
    public async Task<UninitializeReport> UninitializeAsync(CancellationToken cancel)
    {
        using var held = await healing.HoldAllAsync(cancel);
        return await ThenLookAsync(await uninitialization.UninitializeAsync(cancel), cancel);
    }

    /// <summary>
    /// Receives from a peer from now on; changes the connection string of a subscription that exists. Returns whether
    /// it was created.
    /// </summary>
    public async Task<bool> SubscribeAsync(int inboundNode, string connectionString, CancellationToken cancel)
    {
        var created = await ThenLookAsync(await subscriptions.SubscribeAsync(inboundNode, connectionString, cancel), cancel);
        await workers.CheckNowAsync(inboundNode, FirstCheckTimeout, cancel);
        return await ThenLookAsync(created, cancel);
    }

    /// <summary>What a connection string leads to; changes nothing.</summary>
    public Task<ProbeReport> ProbeAsync(string connectionString, CancellationToken cancel) => probe.ProbeAsync(connectionString, cancel);

    /// <summary>
    /// Ends a subscription; what is left on a peer that cannot be reached is returned, and removed when the peer is
    /// back.
    /// </summary>
    public async Task<IReadOnlyList<string>> UnsubscribeAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        return await ThenLookAsync(await subscriptions.UnsubscribeAsync(inboundNode, cancel), cancel);
    }

    /// <summary>Stops applying from a peer until resumed; nothing ever resumes it by itself.</summary>
    public async Task<SubscriptionStatus> PauseAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        await subscriptions.PauseAsync(inboundNode, cancel);
        await healing.ForgetAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    /// <summary>Applies again what has gathered, also when it was disabled by hand.</summary>
    public async Task<SubscriptionStatus> ResumeAsync(int inboundNode, CancellationToken cancel)
    {
        using var held = await healing.PauseAsync(inboundNode, cancel);
        await healing.ForgetAsync(inboundNode, cancel);
        await subscriptions.ResumeAsync(inboundNode, cancel);
        return await FindAsync(inboundNode, cancel);
    }

    /// <summary>Stages a table for replication. Returns whether something was staged that was not before.</summary>
    public Task<bool> StageAddAsync(string table, CancellationToken cancel) => replicaset.StageAddAsync(table, cancel);

    /// <summary>
    /// Stages a table's removal, or cancels its staged add. Returns the table as it stands then; null when nothing of
    /// it is left.
    /// </summary>
    public Task<ReplicasetTable?> StageRemoveAsync(string table, CancellationToken cancel) => replicaset.StageRemoveAsync(table, cancel);

    /// <summary>Commits what is staged and waits until every reachable peer has it or has said why not.</summary>
    public Task<CommitReport> CommitAsync(bool force, CancellationToken cancel) => commit.CommitAsync(force, cancel);

    /// <summary>All tables that could be replicated.</summary>
    public Task<IReadOnlyList<CatalogTable>> CatalogAsync(CancellationToken cancel) => catalog.ReadAsync(cancel);

    /// <summary>The tables of the replicaset.</summary>
    public Task<IReadOnlyList<ReplicasetTable>> ReplicasetAsync(CancellationToken cancel) => replicaset.ReadAsync(cancel);

    /// <summary>A page of resolved conflicts, newest first.</summary>
    public Task<HistoryPage> HistoryAsync(HistoryFilter filter, CancellationToken cancel) => history.ResolvedAsync(filter, cancel);

    /// <summary>A page of conflicts, newest first.</summary>
    public Task<ConflictPage> ConflictsAsync(HistoryFilter filter, CancellationToken cancel) => history.ConflictsAsync(filter, cancel);

    /// <summary>Conflicts a minute over the last <paramref name="minutes"/>.</summary>
    public Task<ConflictRate> RateAsync(int minutes, CancellationToken cancel) => history.RateAsync(minutes, cancel);

    /// <summary>One conflict with its whole transaction.</summary>
    public Task<ConflictCase> ConflictAsync(long id, CancellationToken cancel) => history.FindAsync(id, cancel);

    /// <summary>Both versions of a conflict in one form, and the row as it is now.</summary>
    public async Task<ConflictRows> ConflictRowsAsync(long id, CancellationToken cancel) =>
        await rows.OfAsync((await history.FindAsync(id, cancel)).Conflict, cancel);

    /// <summary>A row of a replicated table by its key.</summary>
    public Task<RowFound> RowAsync(string table, JsonElement key, CancellationToken cancel) => rows.FindAsync(table, key, cancel);

    /// <summary>What the server makes of columns that are to be written; writes nothing.</summary>
    public Task<RowCheck> CheckRowAsync(string table, JsonElement row, CancellationToken cancel) => rows.CheckAsync(table, row, cancel);

    /// <summary>Brings back a version of a resolved conflict, as a write of this node's own.</summary>
    public Task<RestorationReport> RestoreAsync(long id, RowSide version, ExpectedVersion? expected, string by, CancellationToken cancel) =>
        restorations.RestoreAsync(id, version, expected, by, cancel);

    /// <summary>Decides a conflict by hand, here and, with <paramref name="isMesh"/>, wherever the same row waits.</summary>
    public async Task<DecisionReport> DecideAsync(long id, HandDecision decision, bool isMesh, CancellationToken cancel) =>
        await ThenLookAsync(await meshDecisions.DecideAsync(id, decision, isMesh, cancel), cancel);

    /// <summary>How this node decides conflicts.</summary>
    public Task<PolicyReport> PoliciesAsync(CancellationToken cancel) => policies.ReadAsync(cancel);

    /// <summary>
    /// Sets how a table's conflicts are decided, and whether silent ones are looked for (null leaves either as it is),
    /// here and, with <paramref name="isMesh"/>, on every node.
    /// </summary>
    public Task<PolicyChange> SetPolicyAsync(string table, Policy? policy, bool? detector, bool isMesh, CancellationToken cancel) =>
        policies.SetAsync(table, policy, detector, isMesh, cancel);

    /// <summary>Sets the nodes' ranks under node_priority, here and, with <paramref name="isMesh"/>, on every node.</summary>
    public Task<PriorityChange> SetPrioritiesAsync(IReadOnlyDictionary<int, int> priorities, bool isMesh, CancellationToken cancel) =>
        policies.SetPrioritiesAsync(priorities, isMesh, cancel);

    /// <summary>The mesh as this node sees it.</summary>
    public Task<MeshStatus> MeshAsync(CancellationToken cancel) => MeshStatus.ReadAsync(local, Subscriptions, cancel);

    /// <summary>What is wrong with the server's settings, and the peers' clocks.</summary>
    public Task<PreflightReport> PreflightAsync(CancellationToken cancel) =>
        PreflightReport.ReadAsync(
            local,
            Settings,
            Status,
            Subscriptions,
            detector.Problems.Select(Preflight.Detector).Concat(convergence.Problems.Select(Preflight.Convergence)),
            cancel
        );

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 1)
            return;
        await stop.CancelAsync();
        await Feed.DisposeAsync();
        await loops;
        await healing.DisposeAsync();
        await convergence.DisposeAsync();
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
