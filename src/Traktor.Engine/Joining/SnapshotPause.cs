using Dapper;
using Npgsql;
using Traktor.Engine.Healing;
using Traktor.Engine.Nodes;
using Traktor.Engine.Origins;
using Traktor.Engine.Postgres;
using Traktor.Engine.Schema;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions;

namespace Traktor.Engine.Joining;

/// <summary>
/// Exports one snapshot of this node: stops applying, waits until everything that was applied is processed, reads how
/// far that is, makes the slot, and goes on applying. Each subscription is disabled as for a heal, so that an arbiter
/// that is started after a kill enables it again.
/// </summary>
internal sealed class SnapshotPause(LocalNode local, HealingWorkers healing, TimeProvider time)
{
    private const int MostAttempts = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly List<(int Inbound, uint Oid)> disabled = [];
    private readonly List<IDisposable> holds = [];

    /// <summary>Exports a snapshot. Npgsql's exceptions propagate.</summary>
    /// <exception cref="RefusedException">Unavailable: something was in the way; nothing is left of it.</exception>
    public async Task<(SnapshotExport Export, IReadOnlyList<NodePosition> Applied)> ExportAsync(
        NpgsqlConnection connection,
        int node,
        CancellationToken cancel
    )
    {
        try
        {
            foreach (var subscription in await SubscriptionCatalog.ReadAsync(connection, local.NodeId, cancel))
            {
                holds.Add(await healing.PauseAsync(subscription.InboundNode, cancel));
                if (await HealingNote.BeginAsync(local, subscription.InboundNode, subscription.Oid, isRepeating: false, cancel))
                    disabled.Add((subscription.InboundNode, subscription.Oid));
            }

            FaultPoint.Reach(FaultPoint.SourcePaused);
            await AwaitAsync("Joining/read_apply_workers.sql", connection, "Apply workers do not end.", cancel);
            foreach (var (inbound, oid) in disabled)
                await OriginProgress.SettleAsync(connection, inbound, oid, cancel);
            var applied = (
                await connection.QueryAsync<NodePosition>(
                    new CommandDefinition(SqlFile.Read("Joining/read_applied.sql"), new { self = local.NodeId }, cancellationToken: cancel)
                )
            ).AsList();
            return (await ExportProcessedAsync(connection, node, cancel), applied);
        }
        finally
        {
            await ResumeAsync();
        }
    }

    /// <summary>
    /// A snapshot in which nothing waits to be processed: a row that is still to be written here would not be sent to
    /// the joining node later.
    /// </summary>
    private async Task<SnapshotExport> ExportProcessedAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            await AwaitAsync("Joining/read_unprocessed.sql", connection, "Silent conflicts are not resolved.", cancel);
            var export = await CreateAsync(connection, node, cancel);
            try
            {
                FaultPoint.Reach(FaultPoint.SnapshotExported);
                if (await IsProcessedAsync(export.Snapshot, cancel))
                    return export;
            }
            catch
            {
                await export.DisposeAsync();
                throw;
            }

            await export.DisposeAsync();
            await PeerSlot.DropUnusedAsync(connection, ObjectNames.Subscription(node, local.NodeId), cancel);
            if (attempt == MostAttempts)
                throw RefusedException.Unavailable($"On node {local.NodeId} silent conflicts come faster than they are resolved.");
        }
    }

    private async Task<SnapshotExport> CreateAsync(NpgsqlConnection connection, int node, CancellationToken cancel)
    {
        var slot = ObjectNames.Subscription(node, local.NodeId);
        var creating = SnapshotExport.CreateAsync(local.Database.Conninfo, local.NodeId, node, CancellationToken.None);
        try
        {
            return await creating.WaitAsync(Patience, time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !creating.IsFaulted)
        {
            // The slot is the session's own until it is made: it is gone with it.
            var open = await OpenTransaction.ReadAsync(connection, CancellationToken.None);
            await connection.ExecuteAsync(
                new CommandDefinition(
                    SqlFile.Read("Slots/terminate_walsender.sql"),
                    new { slot },
                    cancellationToken: CancellationToken.None
                )
            );
            try
            {
                // It may have been made at this moment.
                await (await creating).DisposeAsync();
                await PeerSlot.DropUnusedAsync(connection, slot, CancellationToken.None);
            }
            catch (Exception ended) when (PostgresErrors.IsFromServer(ended))
            {
                // As it should be.
            }

            cancel.ThrowIfCancellationRequested();
            throw RefusedException.Unavailable(SourceRules.Waits(local.NodeId, open), e);
        }
    }

    private async Task<bool> IsProcessedAsync(string snapshot, CancellationToken cancel)
    {
        await using var session = await local.OpenAloneAsync(cancel, "join");
        await using var transaction = await session.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        await session.ExecuteAsync(new CommandDefinition($"set transaction snapshot {Quote.Literal(snapshot)}", cancellationToken: cancel));
        return !await session.ExecuteScalarAsync<bool>(
            new CommandDefinition(SqlFile.Read("Joining/read_unprocessed.sql"), new { self = local.NodeId }, cancellationToken: cancel)
        );
    }

    private async Task AwaitAsync(string query, NpgsqlConnection connection, string problem, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (
            await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition(SqlFile.Read(query), new { self = local.NodeId }, cancellationToken: cancel)
            )
        )
        {
            if (time.GetElapsedTime(began) > Patience)
                throw RefusedException.Unavailable($"Node {local.NodeId} cannot export a snapshot now: {problem}");
            await Task.Delay(Interval, time, cancel);
        }
    }

    private async Task ResumeAsync()
    {
        foreach (var (inbound, oid) in disabled)
            try
            {
                await HealingNote.EndAsync(local, inbound, oid, CancellationToken.None);
            }
            catch (Exception e) when (e is RefusedException || PostgresErrors.IsFromServer(e))
            {
                // The server is down. The healing goes on with what is on record.
            }

        foreach (var hold in holds)
            hold.Dispose();
    }
}
