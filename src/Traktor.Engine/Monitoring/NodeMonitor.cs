using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Marks;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Monitoring;

/// <summary>
/// The loop that looks at this node's server twice a second: keeps <see cref="Status"/> and <see cref="Subscriptions"/>
/// in memory, starts and stops the subscriptions' workers, brings the schema up to date, tells new peers about this
/// node, and drops slots that nobody uses. It outlives the server.
/// </summary>
public sealed partial class NodeMonitor(
    LocalNode local,
    ArbiterSettings settings,
    Initialization initialization,
    SubscriptionControl control,
    SubscriptionWorkers workers,
    TimeProvider time,
    ILogger<NodeMonitor> log
) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan OrphansEvery = TimeSpan.FromSeconds(5);

    private const string AnotherBuild =
        "The functions in schema trktr are not this release's: another build of Traktor installed its own. "
        + "Stop the other arbiter, then restart this one.";

    private readonly ApplyFailures applyErrors = new(time);
    private readonly HistoryCounts historyCounts = new();
    private readonly SemaphoreSlim gate = new(1);
    private readonly TaskCompletionSource hasLooked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeStatus status = new(
        settings.NodeId,
        false,
        false,
        false,
        0,
        0,
        null,
        null,
        null,
        false,
        "PostgreSQL was not asked yet.",
        null,
        []
    );

    private IReadOnlyList<SubscriptionStatus> subscriptions = [];
    private IReadOnlySet<long> announcedTo = new HashSet<long>();
    private bool isAnnounced;
    private Guid? upgraded;
    private DateTimeOffset nextOrphans;
    private Task orphans = Task.CompletedTask;

    /// <summary>This node as of the last look.</summary>
    public NodeStatus Status => Volatile.Read(ref status);

    /// <summary>Its subscriptions as of the last look, ordered by peer.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions => Volatile.Read(ref subscriptions);

    /// <summary>Done once the server was asked for the first time, whether it answered or not; before, nothing is known of it.</summary>
    public Task FirstLook => hasLooked.Task;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Loop.EveryAsync(Interval, time, LookAsync, cancel);

    /// <summary>
    /// Looks now; after a change, so that the next answer shows it. Never throws for what is the server's or the
    /// network's.
    /// </summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            await using var connection = await local.OpenServerAsync(cancel);
            await SeeAsync(connection, cancel);
        }
        catch (RefusedException e)
        {
            Lose(e.Message);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            Lose(PostgresErrors.ToRefusal(e, "this node's PostgreSQL").Message);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogDefect(log, e.GetType().Name, e);
        }
        finally
        {
            hasLooked.TrySetResult();
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task SeeAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var asked = time.GetUtcNow();
        var seen = await NodeProbe.LookAsync(connection, cancel);
        var now = time.GetUtcNow();
        var server = new NodeStatus(
            settings.NodeId,
            false,
            false,
            false,
            0,
            0,
            null,
            ServerVersion.Number(seen.VersionNum),
            seen.VersionNum,
            true,
            null,
            now,
            []
        );
        if (local.WhyNotOurs(seen) is { } refusal)
        {
            await workers.SyncAsync([], cancel);
            Publish(server with { IsInitialized = seen.Identity is not null, Problem = refusal.Message }, []);
            return;
        }

        if (seen.Identity is not { } identity)
        {
            isAnnounced = false;
            await workers.SyncAsync([], cancel);
            Publish(server with { Problem = $"Node {settings.NodeId} is not initialised." }, []);
            return;
        }

        if (!identity.IsCurrent)
        {
            // Once: two arbiters of different builds would go on replacing each other's functions.
            if (upgraded == identity.Incarnation)
            {
                await workers.SyncAsync([], cancel);
                Publish(server with { IsInitialized = true, Problem = AnotherBuild }, []);
                return;
            }

            var before = await initialization.UpgradeAsync(cancel);
            upgraded = identity.Incarnation;
            if (before is not { } version)
                return;
            LogUpgraded(log, version, SchemaScripts.Release.Version);
        }

        await LookAfterNodeAsync(connection, server, (seen.Clock - asked - ((now - asked) / 2)).TotalMilliseconds, cancel);
    }

    private async Task LookAfterNodeAsync(NpgsqlConnection connection, NodeStatus server, double clockOffsetMs, CancellationToken cancel)
    {
        var catalog = await SubscriptionCatalog.ReadAsync(connection, settings.NodeId, cancel);
        await workers.SyncAsync(catalog, cancel);
        await AnnounceAsync(connection, cancel);
        var counts = await historyCounts.ReadAsync(connection, cancel);
        var known = await NodeDirectory.ReadAsync(connection, cancel);
        var nodes = known.ToDictionary(node => node.Node);
        var compatibility = Preflight.Compatibility(
            settings.Pre16Compatibility,
            known,
            await OriginMarks.DependentsAsync(connection, cancel)
        );
        var backlog = await ConvergenceBacklog.ReadAsync(connection, cancel);

        var reports = catalog
            .Select(subscription =>
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
            })
            .ToList();
        var peers = reports
            .Select(report => new PeerStatus(
                report.InboundNode,
                report.State,
                report.LagMs,
                report.LagBytes,
                report.LastContactAt,
                nodes.GetValueOrDefault(report.InboundNode)?.ArbiterUrl
            ))
            .ToList();
        Publish(
            server with
            {
                IsInitialized = true,
                IsReplicating =
                    reports.Count > 0
                    && reports.All(report =>
                        report.State is SubscriptionState.Streaming or SubscriptionState.CatchingUp or SubscriptionState.Healing
                    ),
                IsTainted = counts.Pending > 0 || reports.Any(report => report.State == SubscriptionState.Stopped),
                ConflictsPending = counts.Pending,
                ConflictsResolved = counts.Resolved,
                Convergence = backlog,
                ReplicationLagMs =
                    reports.Count == 0 || reports.Any(report => report.LagMs is null) ? null : reports.Max(report => report.LagMs),
                Problem =
                    reports.FirstOrDefault(report => report.LastError is not null) is { } bad
                        ? $"Subscription from node {bad.InboundNode}: {bad.LastError}"
                    : ServerVersion.WhyRefused(server.ServerVersionNum!.Value, "This node's server", settings.Pre16Compatibility)
                        is { } tooOld
                        ? $"{tooOld.Message} {tooOld.Hint}"
                    : compatibility.Severity == Severity.Ok ? null
                    : $"{compatibility.Found} {compatibility.Hint}",
                Peers = peers,
            },
            reports
        );
        DropOrphans(cancel);
    }

    /// <summary>A peer that has just begun to receive has not seen what this node told the mesh before.</summary>
    private async Task AnnounceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var hearers = await NodeDirectory.HearersAsync(connection, settings.NodeId, cancel);
        if (!isAnnounced || !hearers.IsSubsetOf(announcedTo))
            await NodeDirectory.AnnounceAsync(connection, local, settings.ArbiterUrl, cancel);
        (isAnnounced, announcedTo) = (true, hearers);
    }

    /// <summary>Beside the loop, for a peer that is gone takes its time to say so.</summary>
    private void DropOrphans(CancellationToken cancel)
    {
        if (!orphans.IsCompleted || time.GetUtcNow() < nextOrphans)
            return;
        nextOrphans = time.GetUtcNow() + OrphansEvery;
        orphans = Task.Run(
            async () =>
            {
                try
                {
                    await control.DropOrphanedSlotsAsync(cancel);
                }
                catch (Exception e) when (e is RefusedException || PostgresErrors.IsFromServer(e) || cancel.IsCancellationRequested)
                {
                    // Tried again; who waits for it is told by the call that left the slot behind.
                }
            },
            cancel
        );
    }

    private void Lose(string problem)
    {
        isAnnounced = false;
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

    private void Publish(NodeStatus now, IReadOnlyList<SubscriptionStatus> reports)
    {
        if (now.IsReachable && !Status.IsReachable)
            LogReached(log, ServerVersion.Text(now.ServerVersionNum!.Value));
        Volatile.Write(ref subscriptions, reports);
        Volatile.Write(ref status, now);
    }
}
