using Dapper;
using Npgsql;
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

    /// <summary>Drops an unused slot from an earlier subscription: the new subscription starts now, not then.</summary>
    /// <exception cref="RefusedException">Conflict: another subscription uses the slot.</exception>
    public static async Task ClaimAsync(NpgsqlConnection peer, int local, int inbound, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(local, inbound);
        var active = await peer.QuerySingleOrDefaultAsync<bool?>(
            new CommandDefinition(
                "select active from pg_replication_slots where slot_name = @slot",
                new { slot },
                cancellationToken: cancel
            )
        );
        if (active is true)
            throw RefusedException.Conflict(
                $"Slot {slot} on node {inbound} is in use: another server, perhaps a copy of this one, receives as node {local}.",
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
    /// <exception cref="RefusedException">Preflight or Conflict: the peer does not mark its transactions.</exception>
    public static async Task CreateAsync(NpgsqlConnection peer, int local, int inbound, bool needsMarks, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(local, inbound);
        await using (var timeout = new NpgsqlCommand($"set statement_timeout = {(int)CreateTimeout.TotalMilliseconds}", peer))
            await timeout.ExecuteNonQueryAsync(cancel);

        await peer.ExecuteAsync(
            new CommandDefinition("select trktr.register_subscriber(@local)", new { local }, cancellationToken: cancel)
        );
        if (needsMarks)
            await RequireMarksAsync(peer, local, inbound, cancel);
        await peer.ExecuteAsync(
            new CommandDefinition(
                "select pg_create_logical_replication_slot(@slot, 'pgoutput')",
                new { slot },
                commandTimeout: (int)CreateTimeout.TotalSeconds + 5,
                cancellationToken: cancel
            )
        );
        await using var reset = new NpgsqlCommand("reset statement_timeout", peer);
        await reset.ExecuteNonQueryAsync(cancel);
    }

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
    /// Drops the slot and everything that the peer keeps for this node. Does nothing when it is gone, or when the peer
    /// is now another node.
    /// </summary>
    public static async Task DropAsync(NpgsqlConnection peer, int local, int inbound, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(local, inbound);
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(8);
        while (true)
        {
            try
            {
                await peer.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Slots/drop_slot.sql"), new { slot }, cancellationToken: cancel)
                );
                break;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && DateTime.UtcNow < deadline)
            {
                // The stopped worker's walsender has not noticed yet.
                await peer.ExecuteAsync(
                    new CommandDefinition(SqlFile.Read("Slots/terminate_walsender.sql"), new { slot }, cancellationToken: cancel)
                );
                await Task.Delay(50, cancel);
            }
        }

        if (
            await peer.ExecuteScalarAsync<bool>(
                new CommandDefinition("select to_regproc('trktr.unregister_subscriber') is not null", cancellationToken: cancel)
            )
        )
            await peer.ExecuteAsync(
                new CommandDefinition("select trktr.unregister_subscriber(@local)", new { local }, cancellationToken: cancel)
            );
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
