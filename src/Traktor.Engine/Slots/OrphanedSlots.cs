using Dapper;
using Npgsql;
using Traktor.Engine.ConnectionStrings;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;

namespace Traktor.Engine.Slots;

/// <summary>
/// Slots on peers that no subscription uses. Each keeps WAL on its peer until the disk is full, so it is recorded here
/// before it can become orphaned, and dropped as soon as the peer is reachable.
/// </summary>
public static class OrphanedSlots
{
    public static Task RememberAsync(NpgsqlConnection connection, int inbound, Conninfo conninfo, CancellationToken cancel) =>
        SecretStatement.ExecuteAsync(
            connection,
            new CommandDefinition(
                "insert into trktr.orphaned_slot (inbound_node, connection_string) values (@inbound, @conninfo) on conflict "
                    + "(inbound_node) do update set connection_string = excluded.connection_string",
                new { inbound, conninfo = conninfo.ToConninfo() },
                cancellationToken: cancel
            )
        );

    public static Task ForgetAsync(NpgsqlConnection connection, int inbound, CancellationToken cancel) =>
        connection.ExecuteAsync(
            new CommandDefinition(
                "delete from trktr.orphaned_slot where inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        );

    /// <summary>The connection string of the peer with such a slot; null when there is none.</summary>
    public static async Task<Conninfo?> FindAsync(NpgsqlConnection connection, int inbound, CancellationToken cancel) =>
        await connection.QuerySingleOrDefaultAsync<string>(
            new CommandDefinition(
                "select connection_string from trktr.orphaned_slot where inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        )
            is { } text
            ? Conninfo.Parse(text)
            : null;

    /// <summary>The peers with such a slot.</summary>
    public static async Task<IReadOnlyList<int>> NodesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        [
            .. await connection.QueryAsync<int>(
                new CommandDefinition("select inbound_node from trktr.orphaned_slot order by 1", cancellationToken: cancel)
            ),
        ];

    /// <summary>
    /// Drops the slot on <paramref name="inbound"/>. Returns null when it is gone, else a sentence that says what is
    /// left on the peer and how to remove it. A slot that another database made stays, and is forgotten here.
    /// </summary>
    public static async Task<string?> DropAsync(
        NpgsqlConnection connection,
        Peers peers,
        NodeIdentity self,
        int inbound,
        CancellationToken cancel
    )
    {
        if (await FindAsync(connection, inbound, cancel) is not { } conninfo)
            return null;
        var slot = ObjectNames.Subscription(self.NodeId, inbound);
        string? owner;
        try
        {
            await using var peer = await peers.For(conninfo).OpenAsync(cancel);
            owner = await PeerSlot.ReleaseAsync(peer, self, inbound, cancel);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            return $"Slot {slot} is left on node {inbound} ({PostgresErrors.InWords(e)}). It keeps WAL there; remove it with: "
                + PeerSlot.RemovalOf(slot, self.NodeId);
        }

        FaultPoint.Reach(FaultPoint.SlotReleased);
        await ForgetAsync(connection, inbound, cancel);
        return owner is null
            ? null
            : $"Slot {slot} stays on node {inbound}, because it belongs to {owner}. If that database is gone for good, remove it with: "
                + PeerSlot.RemovalOf(slot, self.NodeId);
    }
}
