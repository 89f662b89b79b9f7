using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Healing;

/// <summary>
/// Disables and enables a subscription for a heal, each in one transaction with the note that it was us. An operator's
/// pause always goes before.
/// </summary>
internal static class HealingNote
{
    /// <summary>Notes the heal and disables the subscription. Returns false when an operator paused or disabled it.</summary>
    public static async Task<bool> BeginAsync(LocalNode local, int inbound, uint subscription, CancellationToken cancel)
    {
        await using var connection = await local.OpenServerAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // Whoever is about to disable or drop it by hand is let finish, or waits for us: what is read after this stays so.
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
                new { inbound, subscription = (long)subscription },
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
    /// Hands the subscription back to the server's own worker; one that an operator paused meanwhile stays disabled, as
    /// his.
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

    /// <summary>The subscription waits, disabled by us.</summary>
    /// <param name="local">This node.</param>
    /// <param name="inbound">The peer.</param>
    /// <param name="state">awaiting (decisions by hand) or stuck (a table has to be mended).</param>
    /// <param name="note">Why, and what to do, in sentences for the operator.</param>
    /// <param name="cancel">Gives up.</param>
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
    /// An operator is about to pause or resume it, or did so: it is not ours any more. Unless it runs already, its
    /// origin is settled first.
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
