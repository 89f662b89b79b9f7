using System.Globalization;
using Dapper;
using Traktor.Engine.Nodes;
using Traktor.Engine.Postgres;
using Traktor.Engine.Publications;
using Traktor.Engine.Replicasets;
using Traktor.Engine.Slots;
using Traktor.Engine.Subscriptions.Control;
using Traktor.Engine.Tasks;

namespace Traktor.Engine.Joining;

/// <summary>
/// Undoes a join that is not over: nothing of it is left on the other nodes, and this node is initialised, alone, and
/// its tables are empty again. Every step can be repeated.
/// </summary>
internal sealed class JoinUndo(LocalNode local, JoinStore store, JoinMesh mesh, SubscriptionControl control, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Undoes a join; one that is over is left as it is.</summary>
    /// <exception cref="RefusedException">This node's server does not answer.</exception>
    public async Task UndoAsync(TaskRun run, JoinState state, CancellationToken cancel)
    {
        if (state.Phase is JoinPhase.Advanced or JoinPhase.Joined)
        {
            await run.LogAsync("This node had joined: it stays a part of the mesh. DELETE /v1/arbiter/control takes it out.", cancel);
            if (state.Phase == JoinPhase.Advanced)
                foreach (var peer in state.Peers.Where(peer => peer.Node != local.NodeId))
                    await control.ResumeAsync(peer.Node, cancel);
            await DropOriginsAsync(cancel);
            await store.DeleteAsync(run.Id, cancel);
            return;
        }

        var others = state.Peers.Where(peer => peer.Node != local.NodeId).ToList();
        var source = others.First(peer => peer.Node == state.Source);
        foreach (var peer in others)
            // An undoing that was killed may have had the node forget this node's key.
            await TryAsync(run, peer, () => mesh.IntroduceAsync([peer], cancel), cancel);
        foreach (var peer in others)
            await TryAsync(run, peer, () => mesh.Arbiters.UnsubscribeAsync(peer.Arbiter, run.Actor, local.NodeId, cancel), cancel);
        await TryAsync(run, source, () => mesh.Arbiters.EndAsync(source.Arbiter, run.Actor, local.NodeId, cancel), cancel);
        foreach (var peer in others)
        {
            foreach (var left in await control.EnsureUnsubscribedAsync(peer.Node, cancel) ?? [])
                await run.LogAsync(left, cancel);
            await ForgetAsync(run, peer, cancel);
        }

        await UnpublishAsync(cancel);
        // Nobody receives from this node any more.
        await DeleteRowsAsync(run.Id, cancel);
        await DropOriginsAsync(cancel);
        await local.AskAsync(
            connection =>
                connection.ExecuteAsync(
                    new CommandDefinition(
                        SqlFile.Read("Joining/delete_mesh_rows.sql"),
                        new { self = local.NodeId },
                        cancellationToken: cancel
                    )
                ),
            cancel
        );
        await store.DeleteAsync(run.Id, cancel);
    }

    /// <summary>Empties the tables into which rows were copied, without sending that to anybody.</summary>
    public async Task DeleteRowsAsync(long task, CancellationToken cancel)
    {
        var copied = (await store.RangesAsync(task, cancel)).Select(range => new TableName(range.SchemaName, range.TableName)).ToHashSet();
        var tables = (await store.TablesAsync(task, cancel)).Select(table => table.Table).ToList();
        if (tables.Count == 0)
            return;
        try
        {
            await using var session = await CopySession.OpenAsync(local, 1, cancel);
            var rows = await session.Connection.QueryAsync<Target>(
                new CommandDefinition(
                    SqlFile.Read("Joining/read_targets.sql"),
                    new { schemas = tables.Select(table => table.Schema).ToArray(), names = tables.Select(table => table.Name).ToArray() },
                    cancellationToken: cancel
                )
            );
            var targets = rows.Select(row => (new TableName(row.SchemaName, row.TableName), row.Owner, row.IsPartitioned)).ToList();
            await session.WriteAsync(
                async () =>
                {
                    var mine = new List<(TableName, string?, bool)>();
                    // A range that was not copied to its end has left pages without rows. Rows that it did not copy
                    // stay.
                    foreach (var target in targets)
                        if (copied.Contains(target.Item1) || await session.IsEmptyAsync(target, cancel))
                            mine.Add(target);
                    await session.TruncateAsync(mine, cancel);
                    await session.Connection.ExecuteAsync(
                        new CommandDefinition("delete from trktr.join_range where task_id = @task", new { task }, cancellationToken: cancel)
                    );
                },
                cancel
            );
        }
        catch (Exception e) when (PostgresErrors.IsFromServer(e))
        {
            throw PostgresErrors.ToRefusal(e, "this node's PostgreSQL");
        }
    }

    /// <summary>Drops the replication origins under which rows were copied.</summary>
    public Task DropOriginsAsync(CancellationToken cancel) =>
        local.AskAsync(
            connection =>
                connection.ExecuteAsync(new CommandDefinition(SqlFile.Read("Joining/drop_origins.sql"), cancellationToken: cancel)),
            cancel
        );

    /// <summary>Has another node do its part; goes on without it when it cannot be reached for long.</summary>
    private async Task TryAsync(TaskRun run, JoinPeer peer, Func<Task> ask, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
            try
            {
                await ask();
                await run.WaitForAsync(null, cancel);
                return;
            }
            catch (RefusedException e) when (e.Kind == RefusalKind.Unavailable && time.GetElapsedTime(began) < Patience)
            {
                await run.WaitForAsync(e.Message, cancel);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancel);
            }
            catch (RefusedException e) when (e.Kind == RefusalKind.Unavailable)
            {
                await run.LogAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{e.Message} If node {peer.Node} still has a subscription from this node, DELETE "
                            + $"/v1/arbiter/subscription/control with inbound_node {local.NodeId} on node {peer.Node} removes it."
                    ),
                    cancel
                );
                return;
            }
            catch (RefusedException)
            {
                // It has no such subscription.
                return;
            }
    }

    /// <summary>Removes what this node keeps for a peer, and what the peer knows of this node's arbiter.</summary>
    private async Task ForgetAsync(TaskRun run, JoinPeer peer, CancellationToken cancel)
    {
        await local.AskAsync(
            async connection =>
            {
                await PeerSlot.DropOfPeerAsync(connection, peer.Node, Schema.ObjectNames.Subscription(peer.Node, local.NodeId), cancel);
                return true;
            },
            cancel
        );
        try
        {
            var (connection, self) = await local.OpenIdentifiedAsync(cancel);
            await connection.DisposeAsync();
            await mesh.AskAsync(peer, there => PeerSlot.ReleaseAsync(there, self, peer.Node, cancel), cancel);
        }
        catch (RefusedException e)
        {
            // The slot, if there was one, is on record, and is dropped when the peer is back.
            await run.LogAsync(e.Message, cancel);
        }
    }

    private Task UnpublishAsync(CancellationToken cancel) =>
        local.AskAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                await ReplicasetLock.TakeAsync(connection, cancel);
                foreach (var entry in await ReplicasetEntry.ReadAsync(connection, cancel))
                    await Replicaset.ForgetAsync(connection, entry, cancel);
                await transaction.CommitAsync(cancel);
                return true;
            },
            cancel
        );

    private sealed record Target(string SchemaName, string TableName, string? Owner, bool IsPartitioned);
}
