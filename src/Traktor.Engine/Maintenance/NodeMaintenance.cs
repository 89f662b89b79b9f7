using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using Traktor.Engine.Membership;
using Traktor.Engine.NodeKeys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Maintenance;

/// <summary>
/// What is done for this node each time its server is checked: the schema is upgraded, each subscription gets its
/// worker, the keys of the nodes are read, this node announces itself to new peers, and orphaned slots are dropped. Not
/// thread-safe.
/// </summary>
public sealed partial class NodeMaintenance(
    LocalNode local,
    ArbiterSettings settings,
    Initialization initialization,
    SubscriptionControl control,
    SubscriptionWorkers workers,
    KeyStore keys,
    TimeProvider time,
    ILogger<NodeMaintenance> log
)
{
    private const string AnotherBuild =
        "The functions in schema trktr are not this release's: another build of Traktor has installed its own. "
        + "Stop the other arbiter, then restart this one.";

    private static readonly TimeSpan OrphansEvery = TimeSpan.FromSeconds(5);

    private IReadOnlySet<long> announcedTo = new HashSet<long>();
    private bool isAnnounced;
    private PublicKey? announcedKey;
    private bool isSwept;
    private Guid? upgraded;
    private DateTimeOffset nextOrphans;
    private Task orphans = Task.CompletedTask;

    /// <summary>Why the arbiter does not work on this node, in sentences; null when it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>Does what is necessary. Npgsql's exceptions propagate; the next call does the rest.</summary>
    /// <param name="connection">This node's server.</param>
    /// <param name="seen">What is on the server.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <returns>The subscriptions; none when the database is not this arbiter's node.</returns>
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
            keys.Forget();
            await workers.SyncAsync([], cancel);
            return [];
        }

        if (!identity.IsCurrent)
        {
            // Only once: two arbiters of different builds would otherwise keep replacing each other's functions.
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

        if (!isSwept)
        {
            await connection.ExecuteAsync(new CommandDefinition("select trktr.drop_old_routines()", cancellationToken: cancel));
            isSwept = true;
        }

        var subscriptions = await SubscriptionCatalog.ReadAsync(connection, local.NodeId, cancel);
        await workers.SyncAsync(subscriptions, cancel);
        await StopAtGapsAsync(connection, subscriptions, cancel);
        await RestoreOptionsAsync(connection, subscriptions, cancel);
        await AnnounceAsync(connection, await keys.KeepAsync(connection, cancel), cancel);
        DropOrphans(cancel);
        return subscriptions;
    }

    /// <summary>The server did not answer, so its record of the announcement may be lost.</summary>
    public void Forget() => isAnnounced = false;

    /// <summary>
    /// Announces this node to peers that have just begun to receive and have not seen the earlier announcement; and its
    /// key, when that is a new one, to all.
    /// </summary>
    private async Task AnnounceAsync(NpgsqlConnection connection, PublicKey key, CancellationToken cancel)
    {
        var isKeyNew = announcedKey?.Is(key.Bytes) != true;
        var receivers = await Subscriber.ReadReceiversAsync(connection, local.NodeId, cancel);
        if (!isAnnounced || isKeyNew || !receivers.IsSubsetOf(announcedTo))
            await NodeDirectory.AnnounceAsync(connection, local, settings.ArbiterUrl, cancel);
        if (isKeyNew && announcedKey is not null)
        {
            LogNewKey(log);
            workers.RequestLook();
        }

        (isAnnounced, announcedTo, announcedKey) = (true, receivers, key);
    }

    /// <summary>
    /// Pauses each subscription whose stream had a gap: what comes after it is not applied without what is missing.
    /// </summary>
    private async Task StopAtGapsAsync(
        NpgsqlConnection connection,
        IReadOnlyList<CatalogSubscription> subscriptions,
        CancellationToken cancel
    )
    {
        foreach (var subscription in subscriptions)
            if (subscription is { Gap: { } gap, HasSlot: true, PausedAt: null })
            {
                await SubscriptionControl.PauseAsync(connection, local.NodeId, subscription.InboundNode, cancel);
                LogGap(log, subscription.InboundNode, gap.From, gap.To);
            }
    }

    /// <summary>
    /// Sets the options again that somebody has changed by hand. What <c>disable_on_error</c> has disabled meanwhile is
    /// enabled: the error is a conflict like any other.
    /// </summary>
    private async Task RestoreOptionsAsync(
        NpgsqlConnection connection,
        IReadOnlyList<CatalogSubscription> subscriptions,
        CancellationToken cancel
    )
    {
        foreach (var subscription in subscriptions)
            if (subscription is { ChangedOptions: { } options, HasSlot: true })
            {
                var peer = subscription.InboundNode;
                await RunAsync(SubscriptionSql.Set(local.NodeId, peer, options));
                if (subscription is { IsDisabledOnError: true, IsEnabled: false, PausedAt: null, HealingState: null })
                    await RunAsync(SubscriptionSql.Enable(local.NodeId, peer));
                LogOptions(log, peer, options);
            }

        Task RunAsync(string statement) => connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancel));
    }

    /// <summary>Runs beside the loop, because connecting to an unreachable peer takes time.</summary>
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
                    // It is tried again. The call that left the slot behind has reported it.
                }
            },
            cancel
        );
    }

    [LoggerMessage(104, LogLevel.Information, "This node has a new key for its calls to other arbiters")]
    private static partial void LogNewKey(ILogger log);

    [LoggerMessage(
        105,
        LogLevel.Error,
        "The stream of node {Peer} has a gap: heartbeat {To} came after {From}. The subscription is stopped"
    )]
    private static partial void LogGap(ILogger log, int peer, long from, long to);

    [LoggerMessage(
        106,
        LogLevel.Warning,
        "Options of the subscription from node {Peer} were changed by hand. They are set again: {Options}"
    )]
    private static partial void LogOptions(ILogger log, int peer, string options);

    [LoggerMessage(102, LogLevel.Information, "Schema upgraded from {From} to {To}")]
    private static partial void LogUpgraded(ILogger log, int from, int to);
}
