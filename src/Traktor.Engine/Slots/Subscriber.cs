using Dapper;
using Npgsql;
using Traktor.Engine.Postgres;

namespace Traktor.Engine.Slots;

/// <summary>A peer that receives from this node, read from this node's replication slots.</summary>
/// <param name="Node">The peer.</param>
/// <param name="Slot">Its slot on this node.</param>
/// <param name="IsActive">Whether its server is connected.</param>
/// <param name="HasArbiter">Whether its arbiter is connected.</param>
/// <param name="WalRetainedBytes">Bytes of WAL kept for it.</param>
/// <param name="LagBytes">Bytes that it has not confirmed.</param>
/// <param name="LagMs">Its lag in milliseconds; null when it is not connected.</param>
public sealed record Subscriber(
    int Node,
    string Slot,
    bool IsActive,
    bool HasArbiter,
    long? WalRetainedBytes,
    long? LagBytes,
    double? LagMs
)
{
    public static async Task<IReadOnlyList<Subscriber>> ReadAsync(NpgsqlConnection connection, int node, CancellationToken cancel) =>
        (
            await connection.QueryAsync<Subscriber>(
                new CommandDefinition(SqlFile.Read("Slots/read_subscribers.sql"), new { node }, cancellationToken: cancel)
            )
        ).AsList();

    /// <summary>
    /// The subscriptions that receive announcements from now on, each as a number that a new subscription of the same
    /// peer does not share.
    /// </summary>
    public static async Task<IReadOnlySet<long>> ReadReceiversAsync(NpgsqlConnection connection, int node, CancellationToken cancel) =>
        (
            await connection.QueryAsync<long>(
                new CommandDefinition(SqlFile.Read("Slots/read_receivers.sql"), new { node }, cancellationToken: cancel)
            )
        ).ToHashSet();
}
