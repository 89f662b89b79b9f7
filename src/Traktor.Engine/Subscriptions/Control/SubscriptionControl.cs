using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Observation;

namespace Traktor.Engine.Subscriptions.Control;

/// <summary>
/// Creates, changes, pauses and drops this node's subscriptions. No operation fits into one transaction, so every step
/// checks the catalog first and can be repeated. An operation on one peer waits only for that peer.
/// </summary>
public sealed class SubscriptionControl(LocalNode local, Peers peers)
{
    private static readonly TimeSpan SlotPatience = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<int, SemaphoreSlim> gates = new();
    private readonly SubscriptionSteps steps = new(local, peers);

    /// <summary>
    /// Subscribes to <paramref name="inbound"/>, or changes the connection string of the existing subscription. Returns
    /// whether it was created.
    /// </summary>
    /// <exception cref="RefusedException">Malformed, Conflict (another node, missing tables), Preflight, or
    /// Unavailable.</exception>
    public Task<bool> SubscribeAsync(int inbound, string connectionString, CancellationToken cancel) =>
        SubscribeAsync(inbound, connectionString, null, cancel);

    /// <summary>
    /// Makes a subscription that is paused until <see cref="ResumeAsync"/>, for a slot that the caller makes on the
    /// peer. One that exists is left as it is. Returns whether it was created.
    /// </summary>
    /// <param name="inbound">The peer.</param>
    /// <param name="connectionString">Its database.</param>
    /// <param name="makeSlot">Makes the slot; the session is on the peer. It is called once the slot is claimed, and an
    /// older one of this node dropped.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">As for <see cref="SubscribeAsync(int, string, CancellationToken)"/>, and what
    /// <paramref name="makeSlot"/> throws.</exception>
    internal Task<bool> SubscribePausedAsync(
        int inbound,
        string connectionString,
        Func<NpgsqlConnection, CancellationToken, Task> makeSlot,
        CancellationToken cancel
    ) => SubscribeAsync(inbound, connectionString, makeSlot, cancel);

    private async Task<bool> SubscribeAsync(
        int inbound,
        string connectionString,
        Func<NpgsqlConnection, CancellationToken, Task>? makeSlot,
        CancellationToken cancel
    )
    {
        CheckNode(inbound);
        var conninfo = Conninfo.Parse(connectionString);
        using var held = await HoldAsync(inbound, cancel);
        var (connection, self) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        if (inbound == self.NodeId)
            throw RefusedException.Conflict(
                $"Node {inbound} is this node; it cannot subscribe to itself.",
                "Give the NodeID of a peer as inbound_node."
            );
        return await SubscribeAsync((connection, self), inbound, conninfo, isAnew: false, makeSlot, cancel);
    }

    /// <summary>
    /// Subscribes anew by the connection string that is known: the way out where the slot is lost, or the stream had a
    /// gap. What the peer wrote since then and has not sent does not arrive; the tables concerned need a resync, and
    /// are on record.
    /// </summary>
    /// <exception cref="RefusedException">NotFound: there is no subscription; Conflict, Preflight, or
    /// Unavailable.</exception>
    public async Task RenewAsync(int inbound, CancellationToken cancel)
    {
        CheckNode(inbound);
        using var held = await HoldAsync(inbound, cancel);
        var (connection, self) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        Conninfo conninfo;
        try
        {
            conninfo = Conninfo.Parse((await FindAsync(connection, inbound, cancel)).ConnectionString);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }

        await SubscribeAsync((connection, self), inbound, conninfo, isAnew: true, null, cancel);
    }

    /// <param name="node">This node.</param>
    /// <param name="inbound">The peer.</param>
    /// <param name="conninfo">Its connection string.</param>
    /// <param name="isAnew">Whether an existing subscription is replaced; else it is changed.</param>
    /// <param name="makeSlot">Makes the slot, for a subscription that is paused; null: as usual.</param>
    /// <param name="cancel">Cancels the call.</param>
    private async Task<bool> SubscribeAsync(
        (NpgsqlConnection Connection, NodeIdentity Self) node,
        int inbound,
        Conninfo conninfo,
        bool isAnew,
        Func<NpgsqlConnection, CancellationToken, Task>? makeSlot,
        CancellationToken cancel
    )
    {
        var (connection, self) = node;
        try
        {
            // Its own pool, closed at the end: a connection string that is only tried is not kept.
            await using var tried = Database.ToTry(conninfo, peers.ApplicationName);
            await using var peer = await tried.TryOpenAsync(cancel);
            var seen = await NodeProbe.LookAsync(peer, cancel);
            if (PeerCheck.WhyRefused(seen, inbound, self, local.Pre16Compatibility) is { } refusal)
                throw refusal;
            var incarnation = seen.Identity!.Incarnation;
            var existing = await SubscriptionCatalog.FindAsync(connection, self.NodeId, inbound, cancel);
            if (!isAnew && existing is { HasSlot: true } && (existing.PeerIncarnation ?? incarnation) == incarnation)
                return await steps.ChangeAsync(connection, existing, conninfo, cancel);

            // New, half dropped, or of a node that was initialised again: nothing of an old subscription can be used.
            if (existing is { HasSlot: true, PeerIncarnation: { } made } && await IsStillThereAsync(existing, conninfo, made, cancel))
                throw RefusedException.Conflict(
                    $"Node {self.NodeId} receives from another database that is node {inbound}, which still answers. Changes of it that "
                        + $"have not arrived would be lost.",
                    $"Give one of the two another NodeID; or first drop this subscription: DELETE /v1/arbiter/subscription/control "
                        + $"with inbound_node {inbound}."
                );
            if (isAnew)
            {
                await PauseAsync(connection, self.NodeId, inbound, cancel);
                await PeerSlot.AwaitFreeAsync(peer, self.NodeId, inbound, SlotPatience, cancel);
            }

            var own = (await NodeProbe.LookAsync(connection, cancel)).VersionNum;
            await steps.CreateAsync(
                (connection, self),
                peer,
                inbound,
                conninfo,
                incarnation,
                (own, ServerVersion.NeedsMarks(own, seen.VersionNum)),
                makeSlot,
                cancel
            );
            return true;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(
                e,
                connection.State == System.Data.ConnectionState.Open ? PeerCheck.Name(inbound) : "this node's PostgreSQL"
            );
        }
    }

    /// <summary>
    /// Drops the subscription from <paramref name="inbound"/>. If the peer is unreachable its slot stays there; it is
    /// recorded, reported, and dropped when the peer is back.
    /// </summary>
    /// <returns>What was left behind, in sentences; empty when nothing was.</returns>
    /// <exception cref="RefusedException">Malformed; NotFound when there is no subscription from that node;
    /// Unavailable.</exception>
    public async Task<IReadOnlyList<string>> UnsubscribeAsync(int inbound, CancellationToken cancel)
    {
        CheckNode(inbound);
        return await EnsureUnsubscribedAsync(inbound, cancel)
            ?? throw RefusedException.NotFound($"Node {local.NodeId} has no subscription from node {inbound}.");
    }

    /// <summary>
    /// The same, but it is no error if another session was faster. Returns null when there was nothing to drop.
    /// </summary>
    public async Task<IReadOnlyList<string>?> EnsureUnsubscribedAsync(int inbound, CancellationToken cancel)
    {
        using var held = await HoldAsync(inbound, cancel);
        var (connection, self) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        try
        {
            if (await SubscriptionCatalog.FindAsync(connection, local.NodeId, inbound, cancel) is { } existing)
                await steps.DropAsync(connection, existing, cancel);
            else if (await OrphanedSlots.FindAsync(connection, inbound, cancel) is null)
                return null;
            return await OrphanedSlots.DropAsync(connection, peers, self, inbound, cancel) is { } left ? [left] : [];
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Stops applying until <see cref="ResumeAsync"/>. The peer keeps its WAL for this node meanwhile. The arbiter
    /// never resumes by itself.
    /// </summary>
    public Task PauseAsync(int inbound, CancellationToken cancel) =>
        SwitchAsync(inbound, (connection, _) => PauseAsync(connection, local.NodeId, inbound, cancel), cancel);

    /// <summary>The same in a session of the caller's, who knows that there is such a subscription.</summary>
    public static async Task PauseAsync(NpgsqlConnection connection, int node, int inbound, CancellationToken cancel)
    {
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.subscription set paused_at = coalesce(paused_at, clock_timestamp()) where inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        );
        await connection.ExecuteAsync(new CommandDefinition(SubscriptionSql.Disable(node, inbound), cancellationToken: cancel));
    }

    /// <summary>Resumes applying, also when the subscription was disabled by an SQL statement.</summary>
    /// <exception cref="RefusedException">NotFound; Conflict when the peer's stream had a gap; Unavailable.</exception>
    public Task ResumeAsync(int inbound, CancellationToken cancel) =>
        SwitchAsync(
            inbound,
            async (connection, existing) =>
            {
                if (existing.Gap is { } gap)
                    throw RefusedException.Conflict(GapWords.What(inbound, local.NodeId, gap), GapWords.Remedy(inbound));
                await connection.ExecuteAsync(
                    new CommandDefinition(SubscriptionSql.Enable(local.NodeId, inbound), cancellationToken: cancel)
                );
                await connection.ExecuteAsync(
                    new CommandDefinition(
                        "update trktr.subscription set paused_at = null where inbound_node = @inbound",
                        new { inbound },
                        cancellationToken: cancel
                    )
                );
            },
            cancel
        );

    /// <summary>Drops slots on reachable peers that this node no longer uses.</summary>
    public async Task DropOrphanedSlotsAsync(CancellationToken cancel)
    {
        var (connection, self) = await local.OpenIdentifiedAsync(cancel);
        await using var _ = connection;
        foreach (var inbound in await OrphanedSlots.NodesAsync(connection, cancel))
        {
            using var held = await HoldAsync(inbound, cancel);
            if (await SubscriptionCatalog.FindAsync(connection, local.NodeId, inbound, cancel) is null)
                await OrphanedSlots.DropAsync(connection, peers, self, inbound, cancel);
        }
    }

    /// <summary>
    /// Whether the connection string of an existing subscription, if it is another one, still leads to the node that
    /// the subscription was made for.
    /// </summary>
    private async Task<bool> IsStillThereAsync(CatalogSubscription existing, Conninfo given, Guid made, CancellationToken cancel)
    {
        var present = Conninfo.Parse(existing.ConnectionString);
        if (present.Equals(given))
            return false;
        try
        {
            await using var tried = Database.ToTry(present, peers.ApplicationName);
            await using var peer = await tried.TryOpenAsync(cancel);
            return (await NodeProbe.LookAsync(peer, cancel)).Identity is { } identity && identity.Incarnation == made;
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e) || e is RefusedException)
        {
            return false;
        }
    }

    private async Task SwitchAsync(int inbound, Func<NpgsqlConnection, CatalogSubscription, Task> change, CancellationToken cancel)
    {
        CheckNode(inbound);
        using var held = await HoldAsync(inbound, cancel);
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            await change(connection, await FindAsync(connection, inbound, cancel));
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    private async Task<CatalogSubscription> FindAsync(NpgsqlConnection connection, int inbound, CancellationToken cancel) =>
        await SubscriptionCatalog.FindAsync(connection, local.NodeId, inbound, cancel) is { HasSlot: true } found
            ? found
            : throw RefusedException.NotFound($"Node {local.NodeId} has no subscription from node {inbound}.");

    private async Task<IDisposable> HoldAsync(int inbound, CancellationToken cancel)
    {
        var gate = gates.GetOrAdd(inbound, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancel);
        return new Held(gate);
    }

    private static void CheckNode(int node)
    {
        if (node is < 0 or > 32767)
            throw RefusedException.Malformed($"NodeID must be an integer from 0 to 32767, not {node}.");
    }

    private sealed class Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
