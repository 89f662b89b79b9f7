using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Marks;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Observation;
using Traktor.Engine.Subscriptions.Workers;
using Traktor.Engine.Workers;

namespace Traktor.Engine.Monitoring;

/// <summary>Reads the node's state and keeps it in memory; it changes nothing. Not thread-safe.</summary>
public sealed partial class NodeMonitor(
    LocalNode local,
    ArbiterSettings settings,
    SubscriptionWorkers workers,
    IReadOnlyList<Worker> loops,
    TimeProvider time,
    ILogger<NodeMonitor> log
)
{
    // A table that a transaction locks may keep a worker from its work for some seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ApplyFailures applyErrors = new(time);
    private readonly HistoryCounts historyCounts = new();
    private NodeStatus status = NodeStatus.Unknown(settings.NodeId);
    private IReadOnlyList<SubscriptionStatus> subscriptions = [];

    /// <summary>The node's state at the last look.</summary>
    public NodeStatus Status => Volatile.Read(ref status);

    /// <summary>Its subscriptions at the last look, by peer.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => Volatile.Read(ref subscriptions);

    /// <summary>Reads the node's state. Npgsql's exceptions propagate.</summary>
    /// <param name="connection">This node's server.</param>
    /// <param name="look">What the server reported about itself.</param>
    /// <param name="catalog">The subscriptions.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async Task LookAsync(
        NpgsqlConnection connection,
        ServerLook look,
        IReadOnlyList<CatalogSubscription> catalog,
        CancellationToken cancel
    )
    {
        var server = NodeStatus.Unknown(settings.NodeId) with
        {
            ServerVersion = ServerVersion.Number(look.Seen.VersionNum),
            ServerVersionNum = look.Seen.VersionNum,
            IsReachable = true,
            Problem = null,
            AsOf = look.Answered,
        };
        if (local.WhyNotOurs(look.Seen) is { } refusal)
            Publish(server with { IsInitialized = look.Seen.Identity is not null, Problem = refusal.Message }, []);
        else if (look.Seen.Identity is null)
            Publish(server with { Problem = $"Node {settings.NodeId} is not initialised." }, []);
        else if (look.Problem is { } problem)
            Publish(server with { IsInitialized = true, Problem = problem }, []);
        else
            await LookAtNodeAsync(connection, server, look.ClockOffsetMs, catalog, cancel);
    }

    /// <summary>Records that the server does not answer.</summary>
    /// <param name="problem">The reason, in a sentence.</param>
    public void ReportUnreachable(string problem)
    {
        if (Status.IsReachable || Status.AsOf is null && Status.Problem != problem)
            LogLost(log, problem);
        var last = Status;
        Publish(
            last with
            {
                IsReachable = false,
                IsReplicating = false,
                Problem = problem,
                ReplicationLagMs = null,
                Peers = [.. last.Peers.Select(peer => peer with { State = SubscriptionState.Unreachable, LagMs = null, LagBytes = null })],
            },
            [
                .. Subscriptions.Select(report =>
                    report with
                    {
                        State = SubscriptionState.Unreachable,
                        LagMs = null,
                        LagBytes = null,
                        LastError = problem,
                    }
                ),
            ]
        );
    }

    private async Task LookAtNodeAsync(
        NpgsqlConnection connection,
        NodeStatus server,
        double clockOffsetMs,
        IReadOnlyList<CatalogSubscription> catalog,
        CancellationToken cancel
    )
    {
        var counts = await historyCounts.ReadAsync(connection, cancel);
        var nodes = await NodeDirectory.ReadAsync(connection, cancel);
        var compatibility = MeshFindings.Compatibility(
            settings.Pre16Compatibility,
            nodes,
            await OriginMarks.DependentsAsync(connection, cancel)
        );
        var backlog = await ConvergenceBacklog.ReadAsync(connection, cancel);
        var aside = backlog.SetAside == 0 ? null : MeshFindings.SetAside(await SetAsideEntry.ReadOldestAsync(connection, cancel));
        var reports = catalog.Select(subscription => Report(subscription, clockOffsetMs)).ToList();
        List<FailingWorker> failing = [.. loops.Select(loop => loop.Failure).OfType<FailingWorker>()];
        Publish(
            server with
            {
                IsInitialized = true,
                IsReplicating = reports.Count > 0 && reports.TrueForAll(report => IsReplicating(report.State)),
                IsTainted =
                    counts.Pending > 0
                    || backlog.SetAside > 0
                    || reports.Exists(report => report.State == SubscriptionState.Stopped)
                    || failing.Exists(worker => time.GetUtcNow() - worker.Since > Patience),
                ConflictsPending = counts.Pending,
                ConflictsResolved = counts.Resolved,
                Convergence = backlog,
                ReplicationLagMs =
                    reports.Count == 0 || reports.Exists(report => report.LagMs is null) ? null : reports.Max(report => report.LagMs),
                Problem = NodeProblem.Of(
                    reports,
                    ServerVersion.WhyRefused(server.ServerVersionNum!.Value, "This node's server", settings.Pre16Compatibility),
                    failing,
                    aside,
                    compatibility
                ),
                Peers = [.. reports.Select(report => PeerStatus.Of(report, nodes))],
                FailingWorkers = failing,
            },
            reports
        );
    }

    private SubscriptionStatus Report(CatalogSubscription subscription, double clockOffsetMs)
    {
        var observation = workers.ObservationOf(subscription.InboundNode);
        var isConnected = observation is { Unreachable: null, Broken: null, LastContactAt: not null };
        return SubscriptionReport.Of(
            settings.NodeId,
            subscription,
            observation,
            applyErrors.Note(subscription.Oid, subscription.ApplyErrors, isConnected),
            clockOffsetMs,
            time.GetUtcNow()
        );
    }

    private static bool IsReplicating(SubscriptionState state) =>
        state is SubscriptionState.Streaming or SubscriptionState.CatchingUp or SubscriptionState.Healing;

    private void Publish(NodeStatus now, IReadOnlyList<SubscriptionStatus> reports)
    {
        if (now.IsReachable && !Status.IsReachable)
            LogReached(log, ServerVersion.Text(now.ServerVersionNum!.Value));
        Volatile.Write(ref subscriptions, reports);
        Volatile.Write(ref status, now);
    }
}
