using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Healing;

/// <summary>
/// Disables and enables a subscription for a heal, and records in the same transaction that the arbiter did it. An
/// operator's pause always has precedence.
/// </summary>
internal static class HealingNote
{
    /// <summary>
    /// Records the heal and disables the subscription. Returns false when an operator paused or disabled it.
    /// </summary>
    public static async Task<bool> BeginAsync(LocalNode local, int inbound, uint subscription, bool isRepeating, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // The lock lets a session that is disabling or dropping the subscription finish, or makes it wait for this
        // transaction: what is read below stays true.
        var synchronous = await connection.QuerySingleOrDefaultAsync<string>(
            new CommandDefinition(
                "select subsynccommit from pg_subscription where oid = @subscription",
                new { subscription = (long)subscription },
                transaction,
                cancellationToken: cancel
            )
        );
        if (synchronous is null)
            return false;
        await connection.ExecuteAsync(
            new CommandDefinition(
                SubscriptionSql.Lock(local.NodeId, inbound, synchronous),
                transaction: transaction,
                cancellationToken: cancel
            )
        );
        var wasEnabled = await connection.QuerySingleOrDefaultAsync<bool?>(
            new CommandDefinition(
                SqlFile.Read("Healing/begin_heal.sql"),
                new
                {
                    inbound,
                    subscription = (long)subscription,
                    isRepeating,
                },
                transaction,
                cancellationToken: cancel
            )
        );
        if (wasEnabled is null)
            return false;
        if (wasEnabled.Value)
        {
            await OriginProgress.ForgetAsync(connection, inbound, cancel);
            await connection.ExecuteAsync(
                new CommandDefinition(SubscriptionSql.Disable(local.NodeId, inbound), transaction: transaction, cancellationToken: cancel)
            );
        }

        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>
    /// Hands the subscription back to the apply worker. One that an operator paused during the heal stays disabled.
    /// </summary>
    public static async Task EndAsync(LocalNode local, int inbound, uint subscription, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        await OriginProgress.SettleAsync(connection, inbound, subscription, cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var mayEnable = await connection.QuerySingleOrDefaultAsync<bool>(
            new CommandDefinition(
                "select paused_at is null and healing_since is not null from trktr.subscription where inbound_node = @inbound for update",
                new { inbound },
                transaction,
                cancellationToken: cancel
            )
        );
        if (mayEnable)
            await connection.ExecuteAsync(
                new CommandDefinition(SubscriptionSql.Enable(local.NodeId, inbound), transaction: transaction, cancellationToken: cancel)
            );
        if (mayEnable)
            await ClearAsync(connection, inbound, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Records that the subscription waits, disabled by the arbiter.</summary>
    /// <param name="local">This node.</param>
    /// <param name="inbound">The peer.</param>
    /// <param name="state">awaiting (a decision) or stuck (a table must be fixed).</param>
    /// <param name="note">Why it waits and what to do, in sentences for the operator.</param>
    /// <param name="cancel">Cancels the call.</param>
    public static async Task WaitAsync(LocalNode local, int inbound, string state, string note, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.subscription set healing_state = @state, healing_note = @note where inbound_node = @inbound and "
                    + "healing_since is not null",
                new
                {
                    inbound,
                    state,
                    note,
                },
                cancellationToken: cancel
            )
        );
    }

    /// <summary>
    /// Removes the heal's record because an operator pauses or resumes the subscription. If the subscription is
    /// disabled, its origin is settled first.
    /// </summary>
    public static async Task ForgetAsync(LocalNode local, int inbound, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        var disabled = await connection.QuerySingleOrDefaultAsync<long?>(
            new CommandDefinition(
                "select oid::bigint from pg_subscription where subname = @name and not subenabled and subdbid = (select oid "
                    + "from pg_database where datname = current_database())",
                new { name = ObjectNames.Subscription(local.NodeId, inbound) },
                cancellationToken: cancel
            )
        );
        if (disabled is { } subscription)
            await OriginProgress.SettleAsync(connection, inbound, (uint)subscription, cancel);
        await ClearAsync(connection, inbound, cancel);
    }

    private static async Task ClearAsync(NpgsqlConnection connection, int inbound, CancellationToken cancel)
    {
        await OriginProgress.ForgetAsync(connection, inbound, cancel);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "update trktr.subscription set healing_since = null, healing_state = null, healing_note = null where "
                    + "inbound_node = @inbound",
                new { inbound },
                cancellationToken: cancel
            )
        );
    }
}
