using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Membership;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// What is done for this node each time that its server is looked at: its schema is brought up to date, each
/// subscription gets its worker, new peers are told about this node, and slots that nobody uses are dropped. Not for
/// two threads at once.
/// </summary>
public sealed partial class NodeMaintenance(
    LocalNode local,
    ArbiterSettings settings,
    Initialization initialization,
    SubscriptionControl control,
    SubscriptionWorkers workers,
    TimeProvider time,
    ILogger<NodeMaintenance> log
)
{
    private const string AnotherBuild =
        "The functions in schema trktr are not this release's: another build of Traktor installed its own. "
        + "Stop the other arbiter, then restart this one.";

    private static readonly TimeSpan OrphansEvery = TimeSpan.FromSeconds(5);

    private IReadOnlySet<long> announcedTo = new HashSet<long>();
    private bool isAnnounced;
    private Guid? upgraded;
    private DateTimeOffset nextOrphans;
    private Task orphans = Task.CompletedTask;

    /// <summary>Why this node is left alone, in sentences; null when it is not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Does what is due. Throws what Npgsql throws; what is not done then is done the next time.</summary>
    /// <param name="connection">This node's server.</param>
    /// <param name="seen">What is on it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The subscriptions; none where there is no node, or not this arbiter's.</returns>
    public async Task<IReadOnlyList<CatalogSubscription>> MaintainAsync(
        NpgsqlConnection connection,
        NodeProbe seen,
        CancellationToken cancel
    )
    {
        Problem = null;
        if (seen.Identity is not { } identity || local.WhyNotOurs(seen) is not null)
        {
            isAnnounced &= seen.Identity is not null;
            await workers.SyncAsync([], cancel);
            return [];
        }

        if (!identity.IsCurrent)
        {
            // Once: two arbiters of different builds would go on replacing each other's functions.
            if (upgraded == identity.Incarnation)
            {
                Problem = AnotherBuild;
                await workers.SyncAsync([], cancel);
                return [];
            }

            var before = await initialization.UpgradeAsync(cancel);
            upgraded = identity.Incarnation;
            if (before is { } version)
                LogUpgraded(log, version, SchemaScripts.Release.Version);
        }

        var subscriptions = await SubscriptionCatalog.ReadAsync(connection, local.NodeId, cancel);
        await workers.SyncAsync(subscriptions, cancel);
        await AnnounceAsync(connection, cancel);
        DropOrphans(cancel);
        return subscriptions;
    }

    /// <summary>The server did not answer: what it was told may be gone with it.</summary>
    public void Forget() => isAnnounced = false;

    /// <summary>A peer that has just begun to receive has not seen what this node told the mesh before.</summary>
    private async Task AnnounceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var hearers = await Subscriber.ReadReceiversAsync(connection, local.NodeId, cancel);
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

    [LoggerMessage(102, LogLevel.Information, "Schema upgraded from {From} to {To}")]
    private static partial void LogUpgraded(ILogger log, int from, int to);
}
