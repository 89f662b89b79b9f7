using Microsoft.Extensions.Logging;
using Traktor.Engine.Access;
using Traktor.Engine.Accounts;
using Traktor.Engine.Audit;
using Traktor.Engine.Audit.Mesh;
using Traktor.Engine.Comparisons;
using Traktor.Engine.Comparisons.Hashing;
using Traktor.Engine.Comparisons.Proofs;
using Traktor.Engine.Comparisons.Repairs;
using Traktor.Engine.Conflicts.Decisions;
using Traktor.Engine.Conflicts.Feed;
using Traktor.Engine.Conflicts.Mesh;
using Traktor.Engine.Conflicts.Policies;
using Traktor.Engine.Conflicts.Records;
using Traktor.Engine.Conflicts.Rows;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Convergence;
using Traktor.Engine.Detection;
using Traktor.Engine.Healing;
using Traktor.Engine.Heartbeats;
using Traktor.Engine.Joining;
using Traktor.Engine.Maintenance;
using Traktor.Engine.Marks;
using Traktor.Engine.Membership;
using Traktor.Engine.Monitoring;
using Traktor.Engine.NodeKeys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Replicasets.Opening;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Subscriptions.Workers;
using Traktor.Engine.Tasks;
using Traktor.Engine.Workers;

namespace Traktor.Engine;

/// <summary>
/// The arbiter of one node: the interface for the REST API and the console, and the one place where the engine's parts
/// are assembled. It starts without PostgreSQL and continues once PostgreSQL is back. A call that fails throws
/// <see cref="RefusedException"/> with a message for the user. The calls for subscriptions, the replicaset and
/// conflicts are in a file each. What changes something needs to know for whom: see <see cref="As"/>.
/// </summary>
public sealed partial class Arbiter : IAsyncDisposable
{
    private const string Detector = "detector";

    // Parts that ActingArbiter uses, and no room can.
    internal readonly Initialization initialization;
    internal readonly Uninitialization uninitialization;
    internal readonly SubscriptionControl control;
    internal readonly PeerProbe probe;
    internal readonly SubscriptionWorkers workers;
    internal readonly Replicaset replicaset;
    internal readonly ReplicasetCommit commit;
    internal readonly NodeLoop node;
    internal readonly MeshDecisions meshDecisions;
    internal readonly Restorations restorations;
    internal readonly TablePolicies policies;
    internal readonly HealingWorkers healing;
    internal readonly AccountStore accountStore;
    internal readonly AuditRecorder recorder;
    internal readonly AuditReader auditReader;
    internal readonly MeshAudit meshAudit;
    internal readonly ConvergenceWorker convergence;
    internal readonly TaskStore tasks;
    internal readonly ComparisonControl comparisons;
    internal readonly RepairControl repairs;
    internal readonly ProofStore proofs;
    internal readonly JoinControl joins;
    internal readonly JoinStore joinStore;
    internal readonly SourceSnapshots snapshots;

    private readonly CancellationTokenSource stop = new();
    private readonly Database database;
    private readonly Peers peers;
    private readonly LocalNode local;
    private readonly Catalog catalog;
    private readonly ReplicasetWorker replicasetWorker;
    private readonly Reconciler marks;
    private readonly NodeMonitor monitor;
    private readonly History history;
    private readonly HistoryRetention retention;
    private readonly ConflictDecisions decisions;
    private readonly TableRows rows;
    private readonly HeartbeatLoop heartbeats;
    private readonly Reconciler detector;
    private readonly AccountReader accountReader;
    private readonly AuditUpkeep auditUpkeep;
    private readonly TaskRunner runner;
    private readonly Func<IEnumerable<Finding>> ofHost;
    private Task loops = Task.CompletedTask;
    private int isDisposed;

    /// <param name="settings">Its configuration.</param>
    /// <param name="loggers">Creates the parts' loggers.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="others">The way to the other arbiters; without it what concerns the whole mesh is done on this node
    /// only, and rows of other nodes cannot be compared.</param>
    /// <param name="ofHost">Findings of the process around it, for preflight.</param>
    /// <param name="keys">Where the keys of the nodes are kept, for <paramref name="others"/>.</param>
    /// <exception cref="RefusedException">The connection string is malformed.</exception>
    public Arbiter(
        ArbiterSettings settings,
        ILoggerFactory loggers,
        TimeProvider? time = null,
        OtherArbiters? others = null,
        Func<IEnumerable<Finding>>? ofHost = null,
        KeyDirectory? keys = null
    )
    {
        time ??= TimeProvider.System;
        this.ofHost = ofHost ?? (static () => []);
        Settings = settings;
        peers = new Peers(settings.NodeId);
        database = new Database(Conninfo.Parse(settings.ConnectionString), peers.ApplicationName);
        local = new LocalNode(database, settings.NodeId, settings.Pre16Compatibility);
        initialization = new Initialization(local, settings, SchemaScripts.Release);
        control = new SubscriptionControl(local, peers);
        probe = new PeerProbe(local);
        catalog = new Catalog(local);
        uninitialization = new Uninitialization(local, control);
        workers = new SubscriptionWorkers(local, settings.CheckInterval, time, loggers.CreateLogger<SubscriptionWorker>());
        replicaset = new Replicaset(local, workers.Policies, workers.Resync);
        var opener = new TableOpener(local, loggers.CreateLogger<TableOpener>());
        commit = new ReplicasetCommit(local, replicaset, opener);
        var loopLog = loggers.CreateLogger<Worker>();
        var states = new List<Worker>();
        replicasetWorker = new ReplicasetWorker(
            local,
            opener,
            Watched("replicaset", "the opening of tables"),
            time,
            loggers.CreateLogger<ReplicasetWorker>()
        );
        marks = new Reconciler(local, new MarkReconciler(local, time).KeepAsync, Watched("marks", "the marking of own transactions"), time);
        monitor = new NodeMonitor(local, settings, workers, states, time, loggers.CreateLogger<NodeMonitor>());
        var maintenance = new NodeMaintenance(
            local,
            settings,
            initialization,
            control,
            workers,
            new KeyStore(local, keys ?? new KeyDirectory(settings.NodeId, time)),
            time,
            loggers.CreateLogger<NodeMaintenance>()
        );
        node = new NodeLoop(local, maintenance, monitor, time, loggers.CreateLogger<NodeLoop>());
        history = new History(local);
        retention = new HistoryRetention(
            local,
            settings.HistoryRetention,
            Watched("retention", "the deletion of old conflicts"),
            time,
            loggers.CreateLogger<HistoryRetention>()
        );
        rows = new TableRows(local);
        decisions = new ConflictDecisions(local, rows);
        restorations = new Restorations(local, rows, history);
        var mesh = new MeshArbiters(local);
        meshDecisions = new MeshDecisions(settings.NodeId, decisions, history, mesh, others?.Conflicts);
        healing = new HealingWorkers(
            local,
            peers,
            settings,
            Watched("healing", "the search for conflicts"),
            time,
            loggers.CreateLogger<HealingWorkers>()
        );
        decisions.Decided += entry => healing.RequestLook(entry.Peer);
        policies = new TablePolicies(local, mesh, others?.Conflicts);
        convergence = new ConvergenceWorker(
            local,
            settings,
            () => healing.IsBehind,
            Watched("convergence", "the resolution of silent conflicts"),
            time,
            loggers.CreateLogger<ConvergenceWorker>()
        );
        heartbeats = new HeartbeatLoop(local, settings.HeartbeatInterval, convergence, Watched("heartbeat", "the heartbeat"), time);
        var rewrites = new RewriteNotes();
        detector = new Reconciler(
            local,
            async (connection, stop) =>
            {
                await rewrites.LookAsync(connection, stop);
                return await TriggerReconciler.EnsureAsync(connection, [], stop);
            },
            Watched(Detector, "the upkeep of the conflict detection triggers"),
            time
        );
        accountStore = new AccountStore(local, Accounts);
        accountReader = new AccountReader(local, Accounts, Watched("accounts", "the reading of users and keys"), time);
        var audit = new AuditLog(local, time);
        recorder = new AuditRecorder(audit, time, loggers.CreateLogger<AuditRecorder>());
        auditReader = new AuditReader(local);
        meshAudit = new MeshAudit(new AuditVerification(local), mesh, others?.Audits);
        auditUpkeep = new AuditUpkeep(audit, recorder, settings.AuditRetention, Watched("audit", "the upkeep of the audit log"), time);
        tasks = new TaskStore(local, time);
        RowHashes = new RowHashes(local);
        var nodeRows = new NodeRowsOfMesh(local, RowHashes, others?.Rows);
        var found = new ComparisonStore(local);
        comparisons = new ComparisonControl(local, tasks, found, nodeRows, replicaset);
        proofs = new ProofStore(local);
        var equal = new MeshProofs(local, proofs, others?.Proofs);
        repairs = new RepairControl(local, tasks, comparisons);
        joins = new JoinControl(local, settings, initialization, tasks);
        joinStore = new JoinStore(local);
        snapshots = new SourceSnapshots(local, healing, time);
        var joinMesh = new JoinMesh(local, peers, others?.Joins, time);
        var joinUndo = new JoinUndo(local, joinStore, joinMesh, control, time);
        runner = new TaskRunner(
            local,
            tasks,
            [
                new ComparisonTask(found, nodeRows, equal, time),
                new RepairTask(found, nodeRows, equal, convergence.AnnounceAsync, local, others?.Repairs, time),
                new JoinTask(
                    local,
                    joinStore,
                    joinUndo,
                    control,
                    new JoinCopying(local, joinStore, joinMesh, joinUndo, control, time),
                    new JoinOpening(local, joinStore, joinMesh, replicaset, commit, policies, time),
                    new JoinEnding(local, joinStore, joinMesh, comparisons, tasks, time)
                ),
            ],
            settings.HistoryRetention,
            Watched("tasks", "the running of tasks"),
            time,
            loggers.CreateLogger<TaskRunner>()
        );
        Feed = new ConflictFeed(local, Watched("feed", "the conflict feed"), time);

        Worker Watched(string name, string task)
        {
            var worker = new Worker(name, task, time, loopLog);
            states.Add(worker);
            return worker;
        }
    }

    /// <summary>The configuration.</summary>
    public ArbiterSettings Settings { get; }

    /// <summary>The users and API keys of the mesh, to check who signs in or calls.</summary>
    public AccountDirectory Accounts { get; } = new();

    /// <summary>The rows of this node's tables, for arbiters that compare them.</summary>
    public RowHashes RowHashes { get; }

    /// <summary>This node's state, from memory.</summary>
    public NodeStatus Status => monitor.Status;

    /// <summary>Starts the loops. Returns at once, also when PostgreSQL is down.</summary>
    public Task StartAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Func<CancellationToken, Task>[] all =
        [
            node.RunAsync,
            replicasetWorker.RunAsync,
            marks.RunAsync,
            retention.RunAsync,
            healing.RunAsync,
            heartbeats.RunAsync,
            detector.RunAsync,
            convergence.RunAsync,
            accountReader.RunAsync,
            auditUpkeep.RunAsync,
            runner.RunAsync,
            snapshots.RunAsync,
        ];
        loops = Task.WhenAll(all.Select(loop => Task.Run(() => loop(stop.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>What changes something, done for somebody who must have the role for it.</summary>
    public ActingArbiter As(Actor actor) => new(this, actor);

    /// <summary>The mesh as this node sees it.</summary>
    public Task<MeshStatus> MeshAsync(CancellationToken cancel) => MeshStatus.ReadAsync(local, Subscriptions, cancel);

    /// <summary>Checks the server's settings, and the peers' clocks.</summary>
    public Task<PreflightReport> PreflightAsync(CancellationToken cancel) =>
        PreflightReport.ReadAsync(
            local,
            Settings,
            Status,
            Subscriptions,
            [
                .. detector.Problems.Select(MeshFindings.Detector),
                .. convergence.Problems.Select(MeshFindings.Convergence),
                .. Status
                    .FailingWorkers.Where(worker => worker.Name != Detector || detector.Problems.Count == 0)
                    .Select(MeshFindings.Worker),
                .. ofHost(),
            ],
            cancel
        );

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 1)
            return;
        await stop.CancelAsync();
        await Feed.DisposeAsync();
        await loops;
        await runner.DisposeAsync();
        await snapshots.DisposeAsync();
        await healing.DisposeAsync();
        await convergence.DisposeAsync();
        node.Dispose();
        await workers.DisposeAsync();
        await peers.DisposeAsync();
        await database.DisposeAsync();
        stop.Dispose();
    }

    /// <summary>Looks at the node, so that the next answer shows the change.</summary>
    internal async Task<T> ThenLookAsync<T>(T result, CancellationToken cancel)
    {
        await node.LookAsync(cancel);
        return result;
    }
}
