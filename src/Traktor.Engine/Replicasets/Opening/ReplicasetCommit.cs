using System.Diagnostics;
using Dapper;
using Npgsql;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Workers;

namespace Traktor.Engine.Replicasets.Opening;

/// <summary>
/// Commits what is staged. A removal is done at once. An addition continues in the background, even after a restart, as
/// long as it has to wait for peers; the caller waits until every reachable peer has the table or has reported why not.
/// </summary>
public sealed class ReplicasetCommit(LocalNode local, Replicaset replicaset, TableOpener opener)
{
    /// <summary>How long a connected arbiter may take to answer.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long to wait for a peer without a connected arbiter, which may be starting or reconnecting.
    /// </summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Commits the replicaset.</summary>
    /// <param name="force">Opens tables for the peers that are ready, and records that the others need a
    /// resync.</param>
    /// <param name="cancel">Only ends the waiting; the commit continues in the background.</param>
    public async Task<CommitReport> CommitAsync(bool force, CancellationToken cancel)
    {
        await using var connection = await local.OpenAsync(cancel);
        try
        {
            var (wanted, removed) = await BeginAsync(connection, cancel);
            await WaitAsync(connection, wanted, cancel);
            if (force && await ExcludeAsync(connection, wanted, cancel))
                await WaitAsync(connection, wanted, cancel);

            var tables = (await replicaset.ReadAsync(connection, cancel))
                .Where(table => wanted.Any(name => name.ToString() == table.Relation))
                .ToList();
            var pending = tables.Where(table => table.Status == TableState.PendingAdd).ToList();
            return new CommitReport(
                local.NodeId,
                pending.Count == 0,
                [.. tables.Except(pending).Select(table => table.Relation)],
                [.. removed.Select(name => name.ToString())],
                pending
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    private async Task<(IReadOnlyList<TableName> Wanted, IReadOnlyList<TableName> Removed)> BeginAsync(
        NpgsqlConnection connection,
        CancellationToken cancel
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ReplicasetLock.TakeAsync(connection, cancel);
        var entries = await ReplicasetEntry.ReadAsync(connection, cancel);
        var removed = entries.Where(entry => entry.State == TableState.PendingRemove).ToList();
        foreach (var entry in removed)
            await Replicaset.ForgetAsync(connection, entry, cancel);
        var wanted = entries
            .Where(entry =>
                entry.State == TableState.PendingAdd || entry is { State: TableState.Committed, Opening: null, IsFlowing: false }
            )
            .ToList();
        var subscribers = await Subscriber.ReadAsync(connection, local.NodeId, cancel);
        foreach (var entry in wanted.Where(entry => entry.State == TableState.Committed))
        foreach (var subscriber in subscribers)
            await ResyncNote.AddAsync(connection, entry.Table, subscriber.Node, ResyncReason.Unpublished, cancel);
        foreach (var entry in wanted)
            await connection.ExecuteAsync(
                new CommandDefinition(
                    SqlFile.Read("Replicasets/Opening/request_opening.sql"),
                    new { schema = entry.Table.Schema, name = entry.Table.Name },
                    cancellationToken: cancel
                )
            );
        await connection.ExecuteAsync(new CommandDefinition(PublicationSql.Notify, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        return ([.. wanted.Select(entry => entry.Table)], [.. removed.Select(entry => entry.Table)]);
    }

    /// <summary>
    /// Waits until every wanted table is open, or the missing peers have reported why not or are unreachable.
    /// </summary>
    private async Task WaitAsync(NpgsqlConnection connection, IReadOnlyList<TableName> wanted, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        while (wanted.Count > 0)
        {
            if (await opener.AdvanceAsync(connection, cancel))
                continue;
            var pending = (await ReplicasetEntry.ReadAsync(connection, cancel))
                .Where(entry => entry.State == TableState.PendingAdd && wanted.Contains(entry.Table))
                .ToList();
            var subscribers = await Subscriber.ReadAsync(connection, local.NodeId, cancel);
            if (pending.All(entry => !IsWorthWaiting(entry, subscribers, clock.Elapsed)))
                return;
            await Task.Delay(Poll, cancel);
        }
    }

    private static bool IsWorthWaiting(ReplicasetEntry entry, IReadOnlyList<Subscriber> subscribers, TimeSpan waited)
    {
        if (!entry.Exists)
            return false;
        var isPublished = entry.IsClosed || entry.AheadClosed.Count > 0;
        var silent = subscribers
            .Where(subscriber =>
                !entry.Excluded.Contains(subscriber.Node)
                && entry.Words.GetValueOrDefault(subscriber.Node)?.Stage switch
                {
                    null => true,
                    Stage.Able => isPublished,
                    _ => false,
                }
            )
            .ToList();
        if (silent.Count > 0)
            return silent.Any(subscriber => waited < (subscriber.HasArbiter ? AnswerTimeout : ConnectTimeout));

        // All peers have answered. Without a refusal a step was possible, and failed because of a lock.
        var isRefused = entry.Words.Any(word => word.Value.Stage == Stage.Unable && !entry.Excluded.Contains(word.Key));
        return !isRefused && waited < AnswerTimeout;
    }

    /// <summary>
    /// Opens without the peers that have not reported that they can receive the table. Returns whether there are any.
    /// </summary>
    private async Task<bool> ExcludeAsync(NpgsqlConnection connection, IReadOnlyList<TableName> wanted, CancellationToken cancel)
    {
        var excludedAny = false;
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ReplicasetLock.TakeAsync(connection, cancel);
        var subscribers = await Subscriber.ReadAsync(connection, local.NodeId, cancel);
        foreach (
            var entry in (await ReplicasetEntry.ReadAsync(connection, cancel)).Where(entry =>
                entry is { State: TableState.PendingAdd, Exists: true } && wanted.Contains(entry.Table)
            )
        )
        {
            var excluded = subscribers
                .Select(subscriber => subscriber.Node)
                .Where(node =>
                    entry.Words.GetValueOrDefault(node)?.Stage is not (Stage.Able or Stage.Subscribed)
                    || subscribers.First(subscriber => subscriber.Node == node) is { HasArbiter: false }
                )
                .ToArray();
            excludedAny |= excluded.Length > 0;
            await connection.ExecuteAsync(
                new CommandDefinition(
                    "update trktr.replicaset set excluded = @excluded where schema_name = @schema and table_name = @name",
                    new
                    {
                        excluded,
                        schema = entry.Table.Schema,
                        name = entry.Table.Name,
                    },
                    cancellationToken: cancel
                )
            );
        }

        await transaction.CommitAsync(cancel);
        return excludedAny;
    }
}
