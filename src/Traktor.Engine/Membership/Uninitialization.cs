using Dapper;
using Npgsql;
using Traktor.Engine.Marks;
using Traktor.Engine.NodeKeys;
using Traktor.Engine.Nodes;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;
using Traktor.Engine.Subscriptions.Control;

namespace Traktor.Engine.Membership;

/// <summary>
/// Removes a node from the mesh: its subscriptions with their slots on the peers, its key, its peers' slots, its
/// triggers on users' tables, its publications and, last, its schema. After a kill it can simply be run again.
/// </summary>
public sealed class Uninitialization(LocalNode local, SubscriptionControl subscriptions)
{
    // Less than the server waits before it looks for a deadlock.
    private const string LockTimeout = "set local lock_timeout = '500ms'";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Removes the node. Completes even if peers are unreachable, and reports what is left on them.</summary>
    public async Task<UninitializeReport> UninitializeAsync(CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        try
        {
            var seen = await NodeProbe.LookAsync(connection, cancel);
            if (local.WhyNotOurs(seen) is { } refusal)
                throw refusal;
            if (seen.Identity is null)
                return new UninitializeReport(local.NodeId, Removed: false, []);

            var left = new List<string>();
            foreach (var inbound in await InboundNodesAsync(connection, cancel))
                left.AddRange(await subscriptions.EnsureUnsubscribedAsync(inbound, cancel) ?? []);
            if (seen.Identity.IsCurrent)
                await KeyStore.WithdrawAsync(connection, local.NodeId, cancel);
            left.AddRange(await DropSlotsOfPeersAsync(connection, cancel));
            if (seen.Identity.IsCurrent)
                await RepeatAsync(() => OriginMarks.RemoveAllAsync(connection, cancel), cancel);
            await RepeatAsync(() => DropOwnAsync(connection, cancel), cancel);
            return new UninitializeReport(local.NodeId, Removed: true, left);
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>
    /// Repeats a step that others hindered: applying sessions and the arbiter's loops lock the tables and use the
    /// origins in other orders, and each gets on when the step gives up what it has locked.
    /// </summary>
    private static async Task RepeatAsync(Func<Task> step, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
            try
            {
                await step();
                return;
            }
            catch (PostgresException e)
                when (DateTime.UtcNow < deadline
                    && (PostgresErrors.IsDeadlock(e) || e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ObjectInUse)
                )
            {
                await Task.Delay(Random.Shared.Next(20, 100), cancel);
            }
    }

    private async Task<IReadOnlyList<int>> InboundNodesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        [
            .. (await SubscriptionCatalog.ReadAsync(connection, local.NodeId, cancel))
                .Select(subscription => subscription.InboundNode)
                .Union(await OrphanedSlots.NodesAsync(connection, cancel))
                .Order(),
        ];

    /// <summary>Drops the peers' slots, which would otherwise keep WAL for ever.</summary>
    private async Task<IReadOnlyList<string>> DropSlotsOfPeersAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var left = new List<string>();
        foreach (var subscriber in await Subscriber.ReadAsync(connection, local.NodeId, cancel))
        {
            await PeerSlot.DropOfPeerAsync(connection, subscriber.Node, subscriber.Slot, cancel);
            left.Add(
                $"Node {subscriber.Node} still has its subscription from this node, which no longer receives anything: DELETE "
                    + $"/v1/arbiter/subscription/control with inbound_node {local.NodeId} on node {subscriber.Node} removes it."
            );
        }

        return left;
    }

    private static async Task DropOwnAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(LockTimeout, cancellationToken: cancel));
        var publications = await connection.QueryAsync<string>(
            new CommandDefinition(
                "select pubname from pg_publication where pubname ~ '^trktr_pub(_to_\\d+|_origin_marks)?$'",
                cancellationToken: cancel
            )
        );
        foreach (var publication in publications)
            await connection.ExecuteAsync(
                new CommandDefinition($"DROP PUBLICATION {Quote.Identifier(publication)}", cancellationToken: cancel)
            );
        foreach (var schema in (string[])[ObjectNames.RoutineSchema, ObjectNames.Schema])
            await connection.ExecuteAsync(
                new CommandDefinition($"DROP SCHEMA {Quote.Identifier(schema)} CASCADE", cancellationToken: cancel)
            );
        await NodeOrigin.DropAllAsync(transaction, cancel);
        await transaction.CommitAsync(cancel);
    }
}
