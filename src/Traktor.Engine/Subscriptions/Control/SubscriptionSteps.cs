using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Detection;
using Traktor.Engine.Marks;
using Traktor.Engine.NodeKeys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Tables;

namespace Traktor.Engine.Subscriptions.Control;

/// <summary>
/// The steps of creating, changing and dropping a subscription, ordered so that a kill between two of them loses
/// nothing. Npgsql's exceptions propagate.
/// </summary>
internal sealed class SubscriptionSteps(LocalNode local, Peers peers)
{
    private static readonly TimeSpan FilterPatience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Creates the subscription, whatever is left of an earlier one.</summary>
    /// <param name="own">This node.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="inbound">Its NodeID.</param>
    /// <param name="conninfo">Its connection string.</param>
    /// <param name="incarnation">The peer's incarnation.</param>
    /// <param name="link">This server's version, and whether the peer's marks are needed.</param>
    /// <param name="makeSlot">Makes the slot on the peer; null: as usual, and the subscription runs at once. With it
    /// the subscription is paused.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">Conflict or Preflight; nothing is left on the peer.</exception>
    public async Task CreateAsync(
        (NpgsqlConnection Connection, NodeIdentity Identity) own,
        NpgsqlConnection peer,
        int inbound,
        Conninfo conninfo,
        Guid incarnation,
        (int OwnVersion, bool IsFiltered) link,
        Func<NpgsqlConnection, CancellationToken, Task>? makeSlot,
        CancellationToken cancel
    )
    {
        var (connection, self) = own;
        await ClaimAsync(connection, peer, self, inbound, conninfo, cancel);
        if (await SubscriptionCatalog.FindAsync(connection, local.NodeId, inbound, cancel) is { } remains)
        {
            await DropAsync(connection, remains, cancel);
            await OrphanedSlots.RememberAsync(connection, inbound, conninfo, cancel);
        }

        try
        {
            if (makeSlot is null)
                await PeerSlot.CreateAsync(peer, local.NodeId, inbound, link.IsFiltered, cancel);
            else
                await makeSlot(peer, cancel);
            await KeyRegistration.RegisterAsync(connection, peer, self, cancel);
            FaultPoint.Reach(FaultPoint.SlotCreated);
            if (await WhyTablesDoNotFitAsync(connection, peer, cancel) is { Count: > 0 } reasons)
                throw RefusedException.Conflict(
                    $"This node cannot receive tables that node {inbound} publishes: {string.Join(" ", reasons)}",
                    $"Fix them on node {local.NodeId}, which is the subscriber, then subscribe again."
                );
            await OriginMarks.BeginRefreshAsync(connection, cancel);
            if (link.IsFiltered && await FilterAsync(connection, peer, cancel) is { } reason)
                throw RefusedException.Conflict(reason, "End the transactions that lock the table on this node, then subscribe again.");
        }
        catch (RefusedException)
        {
            await OrphanedSlots.DropAsync(connection, peers, self, inbound, cancel);
            throw;
        }

        var published = await PublishedTables.ReadAsync(peer, local.NodeId, cancel);
        await TriggerReconciler.EnsureAsync(connection, [.. published.Where(table => table.Schema != ObjectNames.Schema)], cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                SqlFile.Read("Subscriptions/Control/upsert_subscription.sql"),
                new
                {
                    inbound,
                    incarnation,
                    link.IsFiltered,
                    isPaused = makeSlot is not null,
                },
                cancellationToken: cancel
            )
        );
        await SecretStatement.ExecuteAsync(
            connection,
            SubscriptionSql.Create(local.NodeId, inbound, link.OwnVersion, link.IsFiltered, isEnabled: makeSlot is null),
            conninfo.ToConninfo(),
            StatementTimeout,
            cancel
        );
        await OriginMarks.EndRefreshAsync(connection, cancel);
        await OrphanedSlots.ForgetAsync(connection, inbound, cancel);
    }

    /// <summary>
    /// Claims the slot. It is recorded here first: after a kill it is known and can be dropped later. If the slot turns
    /// out to be another database's, the record is what it was before.
    /// </summary>
    private static async Task ClaimAsync(
        NpgsqlConnection connection,
        NpgsqlConnection peer,
        NodeIdentity self,
        int inbound,
        Conninfo conninfo,
        CancellationToken cancel
    )
    {
        var before = await OrphanedSlots.FindAsync(connection, inbound, cancel);
        await OrphanedSlots.RememberAsync(connection, inbound, conninfo, cancel);
        FaultPoint.Reach(FaultPoint.SlotRemembered);
        try
        {
            await PeerSlot.ClaimAsync(peer, self, inbound, cancel);
        }
        catch (RefusedException)
        {
            if (before is null)
                await OrphanedSlots.ForgetAsync(connection, inbound, cancel);
            else
                await OrphanedSlots.RememberAsync(connection, inbound, before, cancel);
            throw;
        }

        FaultPoint.Reach(FaultPoint.SlotClaimed);
    }

    /// <summary>
    /// Creates the filters before the first row can arrive. A table that is being written is tried again.
    /// </summary>
    private async Task<string?> FilterAsync(NpgsqlConnection connection, NpgsqlConnection peer, CancellationToken cancel)
    {
        var tables = (await PublishedTables.ReadAsync(peer, local.NodeId, cancel)).Where(table => table != ObjectNames.Marks).ToList();
        var deadline = DateTime.UtcNow + FilterPatience;
        while (true)
        {
            if (await OriginMarks.EnsureFilteredAsync(connection, tables, cancel) is not { } reason)
                return null;
            if (DateTime.UtcNow > deadline)
                return reason;
            await Task.Delay(200, cancel);
        }
    }

    /// <summary>
    /// Changes the connection string of an existing subscription. Returns false, because it created nothing.
    /// </summary>
    public async Task<bool> ChangeAsync(
        NpgsqlConnection connection,
        CatalogSubscription existing,
        Conninfo conninfo,
        CancellationToken cancel
    )
    {
        var present = Conninfo.Parse(existing.ConnectionString);
        if (!present.Equals(conninfo))
        {
            await SecretStatement.ExecuteAsync(
                connection,
                SubscriptionSql.Connect(local.NodeId, existing.InboundNode),
                conninfo.ToConninfo(),
                StatementTimeout,
                cancel
            );
            await peers.ForgetAsync(present);
        }

        await OrphanedSlots.ForgetAsync(connection, existing.InboundNode, cancel);
        return false;
    }

    /// <summary>Drops a subscription. Its slot on the peer is recorded and dropped separately.</summary>
    public async Task DropAsync(NpgsqlConnection connection, CatalogSubscription existing, CancellationToken cancel)
    {
        var inbound = existing.InboundNode;
        await OrphanedSlots.RememberAsync(connection, inbound, Conninfo.Parse(existing.ConnectionString), cancel);
        if (existing.HasSlot)
        {
            if (existing.IsEnabled)
                await connection.ExecuteAsync(
                    new CommandDefinition(SubscriptionSql.Disable(local.NodeId, inbound), cancellationToken: cancel)
                );
            await connection.ExecuteAsync(
                new CommandDefinition(SubscriptionSql.ForgetSlot(local.NodeId, inbound), cancellationToken: cancel)
            );
        }

        await connection.ExecuteAsync(
            new CommandDefinition(SubscriptionSql.Drop(local.NodeId, inbound), commandTimeout: 30, cancellationToken: cancel)
        );
        await connection.ExecuteAsync(
            new CommandDefinition(
                "delete from trktr.subscription where inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        );
    }

    /// <summary>
    /// Why the peer's tables cannot be received. CREATE SUBSCRIPTION would name only the first one, and only if it is
    /// missing.
    /// </summary>
    private async Task<IReadOnlyList<string>> WhyTablesDoNotFitAsync(
        NpgsqlConnection connection,
        NpgsqlConnection peer,
        CancellationToken cancel
    )
    {
        var published = (await PublishedTables.ReadAsync(peer, local.NodeId, cancel))
            .Where(table => table.Schema != ObjectNames.Schema)
            .ToList();
        var there = await TableFacts.ReadAsync(peer, published, cancel);
        var here = await TableFacts.ReadAsync(connection, published, cancel);
        return [.. there.Values.Select(facts => TableComparison.WhyNot(facts, here.GetValueOrDefault(facts.Table))).OfType<string>()];
    }
}
