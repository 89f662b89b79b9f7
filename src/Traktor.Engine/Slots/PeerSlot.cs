using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Slots;

/// <summary>
/// A subscription's replication slot on the peer, with what belongs to it. Traktor creates and drops slots itself,
/// separately from the subscription: each step can be repeated after a kill, and a subscription can be dropped while
/// its peer is unreachable.
/// </summary>
public static class PeerSlot
{
    /// <summary>How long creating a slot may wait for transactions running on the peer.</summary>
    public static readonly TimeSpan CreateTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MarksTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Has the peer note that the slot is this database's, and drops an unused one from an earlier subscription of this
    /// database: the new subscription starts now, not then. A slot that another database made, or may be making, is not
    /// touched.
    /// </summary>
    /// <exception cref="RefusedException">Conflict: the slot is another database's, or in use. Nothing has
    /// changed.</exception>
    public static async Task ClaimAsync(NpgsqlConnection peer, NodeIdentity self, int inbound, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(self.NodeId, inbound);
        if (await CallAsync(peer, "claim_slot", self, inbound, cancel) is { } owner)
            throw RefusedException.Conflict(
                $"Slot {slot} on node {inbound} belongs to {owner}. Another server, perhaps a copy of this one, receives as node "
                    + $"{self.NodeId}.",
                $"Give one of the two another NodeID. If that database is gone for good, run on node {inbound}: "
                    + RemovalOf(slot, self.NodeId)
            );
        var active = await peer.QuerySingleOrDefaultAsync<bool?>(
            new CommandDefinition(
                "select active from pg_replication_slots where slot_name = @slot",
                new { slot },
                cancellationToken: cancel
            )
        );
        if (active is true)
            throw RefusedException.Conflict(
                $"Slot {slot} on node {inbound} is in use: another server, perhaps a copy of this one, receives as node {self.NodeId}.",
                $"Stop the other server, or give it another NodeID."
            );
        if (active is false)
            await peer.ExecuteAsync(
                new CommandDefinition("select pg_drop_replication_slot(@slot)", new { slot }, cancellationToken: cancel)
            );
    }

    /// <summary>
    /// Registers with the peer and creates a new slot there. The slot is created before the table list is read, so that
    /// a table that the peer opens in the meantime is either seen or waits for this node.
    /// </summary>
    /// <param name="peer">A session on the peer.</param>
    /// <param name="local">This node.</param>
    /// <param name="inbound">The peer.</param>
    /// <param name="needsMarks">Whether the peer must mark its own transactions, so that forwarded ones can be told
    /// apart.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <param name="offersTables">Whether the slot sends heartbeats and winners from its first change on.</param>
    /// <exception cref="RefusedException">Preflight or Conflict: the peer does not mark its transactions, or some that
    /// are open there do not end.</exception>
    public static async Task CreateAsync(
        NpgsqlConnection peer,
        int local,
        int inbound,
        bool needsMarks,
        CancellationToken cancel,
        bool offersTables = false
    )
    {
        var slot = ObjectNames.Subscription(local, inbound);
        await using (var timeout = new NpgsqlCommand($"set statement_timeout = {(int)CreateTimeout.TotalMilliseconds}", peer))
            await timeout.ExecuteNonQueryAsync(cancel);

        await peer.ExecuteAsync(
            new CommandDefinition("select trktr.register_subscriber(@local)", new { local }, cancellationToken: cancel)
        );
        if (offersTables)
            await OfferTablesAsync(peer, local, cancel);
        if (needsMarks)
            await RequireMarksAsync(peer, local, inbound, cancel);
        try
        {
            await peer.ExecuteAsync(
                new CommandDefinition(
                    "select pg_create_logical_replication_slot(@slot, 'pgoutput')",
                    new { slot },
                    commandTimeout: (int)CreateTimeout.TotalSeconds + 5,
                    cancellationToken: cancel
                )
            );
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !cancel.IsCancellationRequested)
        {
            throw OpenTransaction.Refusal(inbound, await OpenTransaction.ReadAsync(peer, cancel), e);
        }

        await using var reset = new NpgsqlCommand("reset statement_timeout", peer);
        await reset.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Adds heartbeats and winners to what the connected node publishes for a subscriber, which has registered.
    /// </summary>
    public static Task OfferTablesAsync(NpgsqlConnection publisher, int subscriber, CancellationToken cancel) =>
        publisher.ExecuteAsync(
            new CommandDefinition(
                "select trktr.offer_tables(@subscriber, @tables)",
                new { subscriber, tables = ObjectNames.OfferedTables },
                cancellationToken: cancel
            )
        );

    /// <summary>
    /// Makes the peer mark its own transactions from now on. A slot that is created afterwards begins after the last
    /// unmarked one.
    /// </summary>
    private static async Task RequireMarksAsync(NpgsqlConnection peer, int local, int inbound, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + MarksTimeout;
        while (true)
        {
            var why = await peer.ExecuteScalarAsync<string?>(
                new CommandDefinition("select trktr.require_marks(@local)", new { local }, cancellationToken: cancel)
            );
            if (why is null)
                return;
            if (why == "off")
                throw RefusedException.Preflight(
                    $"With a PostgreSQL 15 server in the mesh, nodes must mark their transactions, and "
                        + $"Pre16Compatibility is False on node {inbound}.",
                    $"Set Pre16Compatibility = True in the arbiter.ini of node {inbound}, and of every other node, and restart its arbiter."
                );
            if (DateTime.UtcNow > deadline)
                throw RefusedException.Conflict(
                    $"Node {inbound} does not mark all of its transactions yet: its arbiter is not running, or a long "
                        + $"transaction on it locks a table.",
                    $"Wait for the end of that transaction, or see the log of node {inbound}'s arbiter; then subscribe again."
                );
            await Task.Delay(200, cancel);
        }
    }

    /// <summary>
    /// Drops the slot and everything that the peer keeps for this node, if the slot is this database's. Does nothing
    /// when it is gone, or when the peer is now another node.
    /// </summary>
    /// <returns>Null when nothing of this database is left on the peer; otherwise whose the slot is, in words: it was
    /// not touched.</returns>
    public static async Task<string?> ReleaseAsync(NpgsqlConnection peer, NodeIdentity self, int inbound, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(self.NodeId, inbound);
        // A node that is not initialised any more has dropped its slots.
        if (
            !await peer.ExecuteScalarAsync<bool>(
                new CommandDefinition("select to_regproc('trktr.release_slot') is not null", cancellationToken: cancel)
            )
        )
            return await peer.ExecuteScalarAsync<bool>(
                new CommandDefinition(
                    "select exists (select from pg_replication_slots where slot_name = @slot and database = current_database())",
                    new { slot },
                    cancellationToken: cancel
                )
            )
                ? "a database that is not known"
                : null;
        return await WhenFreeAsync(peer, slot, () => CallAsync(peer, "release_slot", self, inbound, cancel), cancel);
    }

    /// <summary>Drops a peer's slot on this node, and everything that this node keeps for that peer.</summary>
    /// <param name="connection">This node.</param>
    /// <param name="subscriber">The peer.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task DropOfPeerAsync(NpgsqlConnection connection, int subscriber, string slot, CancellationToken cancel)
    {
        await WhenFreeAsync(
            connection,
            slot,
            () =>
                connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Slots/drop_slot.sql"), new { slot }, cancellationToken: cancel)
                ),
            cancel
        );
        await connection.ExecuteAsync(
            new CommandDefinition("select trktr.unregister_subscriber(@subscriber)", new { subscriber }, cancellationToken: cancel)
        );
    }

    /// <summary>Drops a peer's slot on this node that nobody uses, if it exists; what this node keeps for the peer
    /// stays.</summary>
    public static Task DropUnusedAsync(NpgsqlConnection connection, string slot, CancellationToken cancel) =>
        WhenFreeAsync(
            connection,
            slot,
            () =>
                connection.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Slots/drop_slot.sql"), new { slot }, cancellationToken: cancel)
                ),
            cancel
        );

    /// <summary>The statements with which an operator removes a subscriber's slot on the publisher.</summary>
    public static string RemovalOf(string slot, int subscriber) =>
        $"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {Quote.Literal(slot)}; "
        + $"SELECT trktr.unregister_subscriber({subscriber});";

    private static Task<string?> CallAsync(
        NpgsqlConnection peer,
        string function,
        NodeIdentity self,
        int inbound,
        CancellationToken cancel
    ) =>
        peer.ExecuteScalarAsync<string?>(
            new CommandDefinition(
                $"select trktr.{function}(@slot, @NodeId, @Incarnation, @SystemIdentifier, @DatabaseOid::oid)",
                new
                {
                    slot = ObjectNames.Subscription(self.NodeId, inbound),
                    self.NodeId,
                    self.Incarnation,
                    self.SystemIdentifier,
                    self.DatabaseOid,
                },
                cancellationToken: cancel
            )
        );

    /// <summary>Repeats <paramref name="drop"/> while a walsender uses the slot, which it ends.</summary>
    private static async Task<T> WhenFreeAsync<T>(NpgsqlConnection server, string slot, Func<Task<T>> drop, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(8);
        while (true)
            try
            {
                return await drop();
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < deadline)
            {
                // The stopped worker's walsender has not noticed yet.
                await server.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Slots/terminate_walsender.sql"), new { slot }, cancellationToken: cancel)
                );
                await Task.Delay(50, cancel);
            }
    }

    /// <summary>
    /// Waits up to <paramref name="timeout"/> until no session uses the slot. The apply worker fails, and then waits
    /// for seconds, if another walsender still holds it.
    /// </summary>
    public static async Task AwaitFreeAsync(NpgsqlConnection peer, int local, int inbound, TimeSpan timeout, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(local, inbound);
        var deadline = DateTime.UtcNow + timeout;
        while (
            DateTime.UtcNow < deadline
            && await peer.ExecuteScalarAsync<bool>(
                new CommandDefinition(
                    "select active from pg_replication_slots where slot_name = @slot",
                    new { slot },
                    cancellationToken: cancel
                )
            )
        )
            await Task.Delay(10, cancel);
    }
}
